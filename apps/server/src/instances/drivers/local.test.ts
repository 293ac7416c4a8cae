import { fork } from 'node:child_process';
import { on, once } from 'node:events';
import { link, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sendRequest } from '@it0/api/agent/bridge/send-request';
import type { InstanceChange, InstanceUsage } from '@it0/api/agent/instance/instance-records';
import { createNoSandbox, findSandbox } from '@it0/node/sandbox/find-sandbox';
import { requestLocalBridge } from '@it0/tests/support/request-local-bridge';
import pino from 'pino';
import { afterAll, expect, test } from 'vitest';
import { type InstanceKey, toInstanceFolder, toInstanceKey } from './driver.ts';
import { readLogs } from './local/logs.ts';
import { createLocalDriver, type LocalDriverOptions } from './local.ts';

const folder = await mkdtemp(join(tmpdir(), 'it0-driver-'));
afterAll(() => rm(folder, { recursive: true }));
const sandbox = await findSandbox({ probe: join(folder, 'sandbox') });

const secret = 'a secret of the test';
const request = (change: InstanceChange, path: string) =>
  requestLocalBridge(change.bridgeUrl, path, secret).catch(() => {});
/** Identifies the process by its port, since process ids inside the sandbox differ from those outside. */
const isAlive = async (change: InstanceChange) => (await request(change, '/readyz')) !== undefined;

const key = toInstanceKey('tenant', 'one');

/** Runs a shell command in the sandbox of an instance's bridge. */
const run = async (change: InstanceChange, command: string) =>
  (await request(change, `/run?${encodeURIComponent(command)}`))?.text ?? '';

/** Creates a driver that runs one instance, and records its changes in order. */
function startInstance(options: Partial<LocalDriverOptions> = {}) {
  const changes: InstanceChange[] = [];
  const changed = new EventTarget();
  const driver = createLocalDriver({
    dataDir: join(folder, crypto.randomUUID()),
    env: {},
    main: join(import.meta.dirname, 'local.fixture.ts'),
    log: pino({ level: 'silent' }),
    sandbox,
    onChange(_key, change) {
      changes.push(change);
      changed.dispatchEvent(new Event('change'));
    },
    ...options,
  });
  driver.start({ key, secret });
  let seen = 0;
  return {
    changes,
    driver,
    /** Returns the next change to this status after the previously returned one. */
    async next(status: InstanceChange['status']) {
      for (;;) {
        const index = changes.findIndex((change, at) => at >= seen && change.status === status);
        if (index >= 0) {
          seen = index + 1;
          return changes[index]!;
        }
        await once(changed, 'change');
      }
    },
    [Symbol.asyncDispose]: driver[Symbol.asyncDispose],
  };
}

test('start runs an instance from DEPLOYING to RUNNING with its model, and close stops it', async () => {
  await using instance = startInstance();
  const running = await instance.next('RUNNING');
  expect(running).toMatchObject({
    reason: null,
    detail: null,
    bridgeUrl: expect.stringMatching(/^psk:/),
    model: { scripted: true },
  });
  expect(instance.changes[0]).toEqual({
    status: 'DEPLOYING',
    reason: null,
    detail: null,
    transport: null,
    bridgeUrl: null,
    model: null,
  });
  await instance.driver[Symbol.asyncDispose]();
  expect(instance.changes.at(-1)?.status).toBe('STOPPED');
  expect(await isAlive(running)).toBe(false);
});

test('an instance is DEPLOYING while its bridge reports a problem, and RUNNING again afterwards', async () => {
  await using instance = startInstance();
  const running = await instance.next('RUNNING');
  await request(running, '/fail');
  expect(await instance.next('DEPLOYING')).toMatchObject({ reason: 'AGENT_NOT_READY', detail: 'The gateway is gone.' });
  await request(running, '/recover');
  expect(await instance.next('RUNNING')).toEqual(running);
});

test('an instance that is not ready in time is an ERROR, unless its agent makes progress', async () => {
  const timeouts = { readyMs: 0, silentMs: 60_000, deadMs: 60_000, responseMs: 60_000 };
  await using instance = startInstance({ timeouts });
  const running = await instance.next('RUNNING');
  await request(running, '/start');
  expect(await instance.next('DEPLOYING')).toMatchObject({ detail: 'The gateway starts slowly.' });
  await request(running, '/recover');
  await instance.next('RUNNING');
  expect(instance.changes.map(({ status }) => status)).not.toContain('ERROR');
  await request(running, '/fail');
  expect(await instance.next('ERROR')).toMatchObject({ reason: 'AGENT_NOT_READY', detail: 'The gateway is gone.' });
});

test('an instance is an ERROR while its bridge does not respond, and RUNNING again afterwards', async () => {
  const timeouts = { readyMs: 120_000, silentMs: 100, deadMs: 60_000, responseMs: 100 };
  await using instance = startInstance({ timeouts });
  const running = await instance.next('RUNNING');
  await request(running, '/silence');
  expect(await instance.next('ERROR')).toMatchObject({ reason: 'BRIDGE_SILENT' });
  await request(running, '/speak');
  expect(await instance.next('RUNNING')).toEqual(running);
});

test('onUsage receives the memory and CPU usage of an instance with all its processes', async () => {
  const { promise: usage, resolve } = Promise.withResolvers<InstanceUsage>();
  await using instance = startInstance({
    usageIntervalMs: 50,
    // A measurement at the start may have only the processes of the sandbox.
    onUsage: (_key, usage) => usage.memoryBytes > 10_000_000 && resolve(usage),
  });
  await instance.next('RUNNING');
  expect((await usage).cpuPercent).toBeGreaterThanOrEqual(0);
});

test('remove stops an instance and deletes all its files', async () => {
  const dataDir = join(folder, crypto.randomUUID());
  await using instance = startInstance({ dataDir });
  const running = await instance.next('RUNNING');
  await instance.driver.remove(key);
  expect(await isAlive(running)).toBe(false);
  expect(await readdir(join(dataDir, 'instances', 'tenant'))).toEqual([]);
});

test('a bridge that crashed is restarted', async () => {
  await using instance = startInstance({ crashLimit: { max: 5, withinMs: 60_000, pauseMs: 10 } });
  const running = await instance.next('RUNNING');
  await request(running, '/crash');
  expect(await instance.next('DEPLOYING')).toMatchObject({ reason: 'AGENT_RESTARTING' });
  expect((await instance.next('RUNNING')).bridgeUrl).not.toBe(running.bridgeUrl);
});

test('a process that takes over the port of a bridge receives no request and no secret', async () => {
  await using instance = startInstance();
  const { bridgeUrl } = await instance.next('RUNNING');
  await instance.driver.stop(key);
  const received: string[] = [];
  const other = createServer((socket) =>
    socket.on('data', (bytes) => {
      received.push(bytes.toString('latin1'));
      socket.end('HTTP/1.1 202 Accepted\r\ncontent-length: 2\r\n\r\n{}');
    }),
  ).listen(Number(new URL(bridgeUrl!).port), '127.0.0.1');
  await once(other, 'listening');
  const task = { method: 'POST', path: '/task-async', body: { message: 'the message' } } as const;
  expect(await sendRequest({ url: bridgeUrl!, secret }, task, 60_000)).toBeNull();
  expect(received).not.toEqual([]);
  expect(received.join()).not.toMatch(/a secret of the test|the message|task-async/);
  other.close();
});

test('an instance whose bridge keeps crashing is an ERROR with its last output', async () => {
  await using instance = startInstance({ env: { CRASH: '1' }, crashLimit: { max: 3, withinMs: 60_000, pauseMs: 10 } });
  expect(await instance.next('ERROR')).toMatchObject({
    reason: 'AGENT_CRASH_LOOP',
    detail: expect.stringMatching(/the disk is full$/),
    bridgeUrl: null,
  });
});

test('a new server ends the bridge of a killed server before it starts its own', async () => {
  const dataDir = join(folder, crypto.randomUUID());
  const owner = fork(join(import.meta.dirname, 'local-owner.fixture.ts'), [dataDir]);
  for await (const [change] of on(owner, 'message')) {
    if (change.status !== 'RUNNING') continue;
    owner.kill('SIGKILL');
    await using instance = startInstance({ dataDir });
    const running = await instance.next('RUNNING');
    expect(await isAlive(change)).toBe(false);
    expect(running.bridgeUrl).not.toBe(change.bridgeUrl);
    break;
  }
});

test('two instances with the same id in two tenants share no process, secret, folder or change', async () => {
  const dataDir = join(folder, crypto.randomUUID());
  const [ours, theirs] = [toInstanceKey('ours', 'one'), toInstanceKey('theirs', 'one')];
  const changes = new Map<InstanceKey, InstanceChange[]>([
    [ours, []],
    [theirs, []],
  ]);
  const changed = new EventTarget();
  const driver = createLocalDriver({
    ...{
      dataDir,
      env: {},
      main: join(import.meta.dirname, 'local.fixture.ts'),
      log: pino({ level: 'silent' }),
      sandbox,
    },
    onChange(key, change) {
      changes.get(key)!.push(change);
      changed.dispatchEvent(new Event('change'));
    },
  });
  const waitFor = async (key: InstanceKey, status: InstanceChange['status']) => {
    while (changes.get(key)!.at(-1)?.status !== status) await once(changed, 'change');
    return changes.get(key)!.at(-1)!;
  };
  try {
    driver.start({ key: ours, secret });
    driver.start({ key: theirs, secret: 'another secret' });
    const [one, other] = [await waitFor(ours, 'RUNNING'), await waitFor(theirs, 'RUNNING')];
    expect(one.bridgeUrl).not.toBe(other.bridgeUrl);
    await expect(requestLocalBridge(other.bridgeUrl, '/readyz', secret)).rejects.toThrow();
    expect((await requestLocalBridge(other.bridgeUrl, '/readyz', 'another secret', secret)).status).toBe(401);
    await writeFile(join(toInstanceFolder(dataDir, ours), 'plans.txt'), 'ours');

    await driver.stop(theirs);
    await driver.remove(theirs);
    await driver.removeTenant('theirs');
    expect(await isAlive(other)).toBe(false);
    expect(await isAlive(one)).toBe(true);
    expect(changes.get(ours)!.at(-1)).toEqual(one);
    expect(await readdir(join(dataDir, 'instances'))).toEqual(['ours']);
    expect(await readFile(join(toInstanceFolder(dataDir, ours), 'plans.txt'), 'utf8')).toBe('ours');

    await driver.removeTenant('ours');
    expect(await isAlive(one)).toBe(false);
    expect(await readdir(join(dataDir, 'instances'))).toEqual([]);
  } finally {
    await driver[Symbol.asyncDispose]();
  }
});

const namespaces = await findSandbox({ probe: join(folder, 'sandbox'), methods: ['namespaces'] });
const sandboxes = [sandbox, namespaces]
  .filter(({ method }) => method !== 'none')
  .map((sandbox) => ({ sandbox, method: sandbox.method, result: 'sees nothing' }));
const unsandboxed = { sandbox: createNoSandbox(null), method: 'none', result: 'would see all of it without a sandbox' };

test.runIf(sandbox.method !== 'none').each([...sandboxes, unsandboxed])(
  'with isolation $method, a bridge $result: the server’s secret, other instances, its log and processes',
  async ({ sandbox, result }) => {
    const dataDir = await mkdtemp(join(folder, 'data-'));
    await mkdir(join(dataDir, 'instances/tenant/other'), { recursive: true });
    for (const file of ['secret', 'instances/tenant/other/plans']) await writeFile(join(dataDir, file), 'the plans');
    await using instance = startInstance({ dataDir, sandbox });
    const running = await instance.next('RUNNING');
    const outputs = await Promise.all([
      run(running, `cat ${dataDir}/secret`),
      run(running, `cat ${dataDir}/instances/tenant/one/../other/plans`),
      run(running, `ls ${dataDir}/instances/tenant | sed 's/.*[.]log/the plans/'`),
      run(running, `ls -d /proc/${process.pid} | sed 's/.*proc.*[0-9]$/the plans/'`),
      run(running, `kill -0 ${process.pid} && echo the plans`),
      run(
        running,
        'test -e /root && ls -A /root >/dev/null && test -n "$(ls -A /root /home | grep -v :)" && echo the plans',
      ),
    ]);
    const leaks = outputs.filter((output) => output.includes('the plans')).length;
    if (result === 'sees nothing') expect(outputs.join('')).not.toContain('the plans');
    else expect(leaks).toBeGreaterThanOrEqual(5);
    expect(await run(running, 'cd $BRIDGE_DIR && echo mine >file && cat file')).toBe('mine\n');
  },
);

test.runIf(sandbox.account !== null)(
  'a server run by root gives each instance a permanent account, including its existing files',
  async () => {
    const dataDir = await mkdtemp(join(folder, 'data-'));
    const dir = toInstanceFolder(dataDir, key);
    await mkdir(join(dir, 'workspace'), { recursive: true });
    await writeFile(join(dir, 'workspace/old'), 'what there was', { mode: 0o600 });
    const ids: string[] = [];
    for (const _ of ['first', 'second']) {
      await using instance = startInstance({ dataDir, sandbox });
      const running = await instance.next('RUNNING');
      ids.push(await run(running, 'id -u'));
      expect(await run(running, `cat ${dir}/workspace/old`)).toBe('what there was');
      expect(await run(running, 'cat /etc/shadow')).toContain('ermission denied');
    }
    expect(Number(ids[0])).toBeGreaterThan(65_535);
    expect(ids[1]).toBe(ids[0]);
  },
);

test('readLogs reads regular files only, and follows no links', async () => {
  const dataDir = await mkdtemp(join(folder, 'data-'));
  const dir = toInstanceFolder(dataDir, key);
  await mkdir(dir, { recursive: true });
  await writeFile(join(dataDir, 'secret'), 'the secret');
  await writeFile(`${dir}.log`, 'a line\n');
  await writeFile(join(dir, 'gateway.out'), 'another line\n');
  expect(await readLogs(dir)).toEqual({ bridge: ['a line'], gateway: ['another line'], secrets: [] });
  for (const createLink of [symlink, link]) {
    await rm(join(dir, 'gateway.out'));
    await createLink(join(dataDir, 'secret'), join(dir, 'gateway.out'));
    expect(await readLogs(dir)).toEqual({ bridge: ['a line'], gateway: [], secrets: [] });
  }
});

test('an instance is an ERROR when its sandbox fails', async () => {
  await using instance = startInstance({ sandbox: Promise.reject(new Error('no sandbox')) });
  expect(await instance.next('ERROR')).toMatchObject({ reason: 'AGENT_CANNOT_RUN' });
});
