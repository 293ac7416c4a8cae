import { fork } from 'node:child_process';
import { on, once } from 'node:events';
import { link, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sendRequest } from '@it0/api/agent/bridge/send-request';
import type { InstanceChange, InstanceUsage } from '@it0/api/agent/instance/instance-records';
import { createNoSandbox, findSandbox } from '@it0/node/sandbox/find-sandbox';
import { askLocalBridge } from '@it0/tests/support/ask-local-bridge';
import pino from 'pino';
import { afterAll, expect, test } from 'vitest';
import { type InstanceKey, instanceFolder, instanceKey } from './driver.ts';
import { readLogs } from './local/logs.ts';
import { createLocalDriver, type LocalDriverOptions } from './local.ts';

const folder = await mkdtemp(join(tmpdir(), 'it0-driver-'));
afterAll(() => rm(folder, { recursive: true }));
const sandbox = await findSandbox({ probe: join(folder, 'sandbox') });

const secret = 'a secret of the test';
const ask = (change: InstanceChange, path: string) => askLocalBridge(change.bridgeUrl, path, secret).catch(() => {});
/** Identifies the process by its port, since process ids inside the sandbox differ from those outside. */
const isAlive = async (change: InstanceChange) => (await ask(change, '/readyz')) !== undefined;

const key = instanceKey('tenant', 'one');

/** Runs a shell command in the sandbox of an instance's bridge. */
const run = async (change: InstanceChange, command: string) =>
  (await ask(change, `/run?${encodeURIComponent(command)}`))?.text ?? '';

/** A driver that runs one instance, and what it tells, in order. */
function instance(options: Partial<LocalDriverOptions> = {}) {
  const told: InstanceChange[] = [];
  const changed = new EventTarget();
  const driver = createLocalDriver({
    dataDir: join(folder, crypto.randomUUID()),
    env: {},
    main: join(import.meta.dirname, 'local.fixture.ts'),
    log: pino({ level: 'silent' }),
    sandbox,
    onChange(_key, change) {
      told.push(change);
      changed.dispatchEvent(new Event('change'));
    },
    ...options,
  });
  driver.start({ key, secret });
  let seen = 0;
  return {
    told,
    driver,
    /** The next change to this status that was not asked for yet. */
    async next(status: InstanceChange['status']) {
      for (;;) {
        const index = told.findIndex((change, at) => at >= seen && change.status === status);
        if (index >= 0) {
          seen = index + 1;
          return told[index]!;
        }
        await once(changed, 'change');
      }
    },
    [Symbol.asyncDispose]: () => driver.close(),
  };
}

test('an instance is deploying, then running with its model, then stopped and gone', async () => {
  await using one = instance();
  const running = await one.next('RUNNING');
  expect(running).toMatchObject({
    reason: null,
    detail: null,
    bridgeUrl: expect.stringMatching(/^psk:/),
    model: { scripted: true },
  });
  expect(one.told[0]).toEqual({ status: 'DEPLOYING', reason: null, detail: null, bridgeUrl: null, model: null });
  await one.driver.close();
  expect(one.told.at(-1)?.status).toBe('STOPPED');
  expect(await isAlive(running)).toBe(false);
});

test('a bridge in trouble says so, and is running again when it is over', async () => {
  await using one = instance();
  const running = await one.next('RUNNING');
  await ask(running, '/trouble');
  expect(await one.next('DEPLOYING')).toMatchObject({ reason: 'AGENT_NOT_READY', detail: 'The gateway is gone.' });
  await ask(running, '/recover');
  expect(await one.next('RUNNING')).toEqual(running);
});

test('a bridge that is silent is an error, and running again as soon as it speaks', async () => {
  const patience = { readyMs: 120_000, silentMs: 100, deadMs: 60_000, answerMs: 100 };
  await using one = instance({ patience });
  const running = await one.next('RUNNING');
  await ask(running, '/silence');
  expect(await one.next('ERROR')).toMatchObject({ reason: 'BRIDGE_SILENT' });
  await ask(running, '/speak');
  expect(await one.next('RUNNING')).toEqual(running);
});

test('what an instance takes of memory and processor is told, with all that it started', async () => {
  const { promise: usage, resolve } = Promise.withResolvers<InstanceUsage>();
  await using one = instance({ usageIntervalMs: 50, onUsage: (_id, told) => resolve(told) });
  await one.next('RUNNING');
  const { memoryBytes, cpuPercent } = await usage;
  expect(memoryBytes).toBeGreaterThan(10_000_000);
  expect(cpuPercent).toBeGreaterThanOrEqual(0);
});

test('a removed instance leaves nothing', async () => {
  const dataDir = join(folder, crypto.randomUUID());
  await using one = instance({ dataDir });
  const running = await one.next('RUNNING');
  await one.driver.remove(key);
  expect(await isAlive(running)).toBe(false);
  expect(await readdir(join(dataDir, 'instances', 'tenant'))).toEqual([]);
});

test('a bridge that crashed is started again', async () => {
  await using one = instance({ crashes: { most: 5, withinMs: 60_000, pauseMs: 10 } });
  const running = await one.next('RUNNING');
  await ask(running, '/crash');
  expect(await one.next('DEPLOYING')).toMatchObject({ reason: 'AGENT_RESTARTING' });
  expect((await one.next('RUNNING')).bridgeUrl).not.toBe(running.bridgeUrl);
});

test('a process that listens where a bridge did before gets no request and no secret', async () => {
  await using one = instance();
  const { bridgeUrl } = await one.next('RUNNING');
  await one.driver.stop(key);
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

test('a bridge that only crashes is an error that tells what it said last', async () => {
  await using one = instance({ env: { CRASH: '1' }, crashes: { most: 3, withinMs: 60_000, pauseMs: 10 } });
  expect(await one.next('ERROR')).toMatchObject({
    reason: 'AGENT_CRASH_LOOP',
    detail: expect.stringMatching(/the disk is full$/),
    bridgeUrl: null,
  });
});

test('a new server takes over from one that was killed: the old bridge is gone before the new one starts', async () => {
  const dataDir = join(folder, crypto.randomUUID());
  const owner = fork(join(import.meta.dirname, 'local-owner.fixture.ts'), [dataDir]);
  for await (const [change] of on(owner, 'message')) {
    if (change.status !== 'RUNNING') continue;
    owner.kill('SIGKILL');
    await using one = instance({ dataDir });
    const running = await one.next('RUNNING');
    expect(await isAlive(change)).toBe(false);
    expect(running.bridgeUrl).not.toBe(change.bridgeUrl);
    break;
  }
});

test('two instances of one id, of two tenants, have each their own process, secret, folder, changes and end', async () => {
  const dataDir = join(folder, crypto.randomUUID());
  const [ours, theirs] = [instanceKey('ours', 'one'), instanceKey('theirs', 'one')];
  const told = new Map<InstanceKey, InstanceChange[]>([
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
      told.get(key)!.push(change);
      changed.dispatchEvent(new Event('change'));
    },
  });
  const becomes = async (key: InstanceKey, status: InstanceChange['status']) => {
    while (told.get(key)!.at(-1)?.status !== status) await once(changed, 'change');
    return told.get(key)!.at(-1)!;
  };
  try {
    driver.start({ key: ours, secret });
    driver.start({ key: theirs, secret: 'another secret' });
    const [one, other] = [await becomes(ours, 'RUNNING'), await becomes(theirs, 'RUNNING')];
    expect(one.bridgeUrl).not.toBe(other.bridgeUrl);
    await expect(askLocalBridge(other.bridgeUrl, '/readyz', secret)).rejects.toThrow();
    expect((await askLocalBridge(other.bridgeUrl, '/readyz', 'another secret', secret)).status).toBe(401);
    await writeFile(join(instanceFolder(dataDir, ours), 'plans.txt'), 'ours');

    await driver.stop(theirs);
    await driver.remove(theirs);
    await driver.removeTenant('theirs');
    expect(await isAlive(other)).toBe(false);
    expect(await isAlive(one)).toBe(true);
    expect(told.get(ours)!.at(-1)).toEqual(one);
    expect(await readdir(join(dataDir, 'instances'))).toEqual(['ours']);
    expect(await readFile(join(instanceFolder(dataDir, ours), 'plans.txt'), 'utf8')).toBe('ours');

    await driver.removeTenant('ours');
    expect(await isAlive(one)).toBe(false);
    expect(await readdir(join(dataDir, 'instances'))).toEqual([]);
  } finally {
    await driver.close();
  }
});

const namespaces = await findSandbox({ probe: join(folder, 'sandbox'), methods: ['namespaces'] });
const held = [sandbox, namespaces]
  .filter(({ method }) => method !== 'none')
  .map((sandbox) => ({ sandbox, method: sandbox.method, says: 'sees nothing' }));
const free = { sandbox: createNoSandbox(null), method: 'none', says: 'would see all of it without a sandbox' };

test.runIf(sandbox.method !== 'none').each([...held, free])(
  'with $method a bridge $says: the server’s secret, other instances, its log and processes',
  async ({ sandbox, says }) => {
    const dataDir = await mkdtemp(join(folder, 'data-'));
    await mkdir(join(dataDir, 'instances/tenant/other'), { recursive: true });
    for (const file of ['secret', 'instances/tenant/other/plans']) await writeFile(join(dataDir, file), 'the plans');
    await using one = instance({ dataDir, sandbox });
    const running = await one.next('RUNNING');
    const tried = await Promise.all([
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
    const seen = tried.filter((output) => output.includes('the plans')).length;
    if (says === 'sees nothing') expect(tried.join('')).not.toContain('the plans');
    else expect(seen).toBeGreaterThanOrEqual(5);
    expect(await run(running, 'cd $BRIDGE_DIR && echo mine >kept && cat kept')).toBe('mine\n');
  },
);

test.runIf(sandbox.account !== null)(
  'started by root, instances are accounts of their own, also those that were root before, and stay them',
  async () => {
    const dataDir = await mkdtemp(join(folder, 'data-'));
    const dir = instanceFolder(dataDir, key);
    await mkdir(join(dir, 'workspace'), { recursive: true });
    await writeFile(join(dir, 'workspace/old'), 'what there was', { mode: 0o600 });
    const ids: string[] = [];
    for (const _ of ['first', 'second']) {
      await using one = instance({ dataDir, sandbox });
      const running = await one.next('RUNNING');
      ids.push(await run(running, 'id -u'));
      expect(await run(running, `cat ${dir}/workspace/old`)).toBe('what there was');
      expect(await run(running, 'cat /etc/shadow')).toContain('ermission denied');
    }
    expect(Number(ids[0])).toBeGreaterThan(65_535);
    expect(ids[1]).toBe(ids[0]);
  },
);

test('logs are read from regular files only, and links are not followed', async () => {
  const dataDir = await mkdtemp(join(folder, 'data-'));
  const dir = instanceFolder(dataDir, key);
  await mkdir(dir, { recursive: true });
  await writeFile(join(dataDir, 'secret'), 'the secret');
  await writeFile(`${dir}.log`, 'a line\n');
  await writeFile(join(dir, 'gateway.out'), 'another line\n');
  expect(await readLogs(dir)).toEqual({ bridge: ['a line'], gateway: ['another line'], secrets: [] });
  for (const put of [symlink, link]) {
    await rm(join(dir, 'gateway.out'));
    await put(join(dataDir, 'secret'), join(dir, 'gateway.out'));
    expect(await readLogs(dir)).toEqual({ bridge: ['a line'], gateway: [], secrets: [] });
  }
});

test('a failure of the sandbox is shown as an error of the instance', async () => {
  await using one = instance({ sandbox: Promise.reject(new Error('no sandbox')) });
  expect(await one.next('ERROR')).toMatchObject({ reason: 'AGENT_CANNOT_RUN' });
});
