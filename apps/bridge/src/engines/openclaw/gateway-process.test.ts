import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { limits } from '@it0/contracts/limits';
import { findTree, listProcesses } from '@it0/node/process';
import { createNoSandbox, findSandbox } from '@it0/node/sandbox/find-sandbox';
import { createSelfSignedCertificate } from '@it0/node/self-signed-certificate';
import { pino } from 'pino';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { startBridge } from '../../testing/bridge-process.ts';
import { temporaryFolder } from '../../testing/folder.ts';
import { withAdminConnection } from './connection.ts';
import { type GatewayProcessOptions, superviseGateway } from './gateway-process.ts';
import { selectModel } from './model.ts';

const MAIN = fileURLToPath(new URL('gateway.fixture.ts', import.meta.url));

const probe = temporaryFolder();
const sandbox = await findSandbox({ probe: join(probe.path, 'sandbox') });

afterEach(() => void vi.useRealTimers());
afterAll(() => probe[Symbol.dispose]());

/** Starts the fake gateway with these environment variables. */
function startFake(
  environment: Record<string, string>,
  { onReady = () => {}, onDown = () => {}, ...options }: Partial<GatewayProcessOptions> = {},
) {
  const folder = temporaryFolder();
  const lines: string[] = [];
  const gateway = superviseGateway({
    ...{ dir: folder.path, model: selectModel({ anthropicKey: 'the key of a model' })!, main: MAIN, environment },
    tools: { url: 'http://127.0.0.1:1/mcp', token: 'the token of the tools' },
    sandbox: createNoSandbox('a test'),
    ...options,
    log: pino({ level: 'warn' }, { write: (line) => lines.push(line) }),
    ...{ onReady, onDown },
  });
  return {
    lines,
    /** Returns the record of the started gateway: its process id, port and token. */
    async record(): Promise<{ pid: number; port: number; token: string }> {
      const file = join(folder.path, 'gateway.json');
      await expect.poll(() => existsSync(file) && readFileSync(file, 'utf8')).toBeTruthy();
      return JSON.parse(readFileSync(file, 'utf8'));
    },
    async [Symbol.asyncDispose]() {
      await gateway.close({ gracefully: false });
      folder[Symbol.dispose]();
    },
  };
}

/** Returns the detail that is reported when a gateway prints this and exits. */
async function diagnose(output: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const onReady = () => reject(new Error('the gateway became ready'));
  await using _gateway = startFake({ SAYS: output }, { onReady, onDown: resolve });
  return await promise;
}

test('the detail of a gateway that cannot start has advice and its last output', async () => {
  const lock = 'openclaw: package lifecycle is incomplete. Reinstall with package scripts enabled, then retry. EEXIST';
  expect(await diagnose(`${lock}\n`)).toBe(
    `The OpenClaw gateway cannot start. The OpenClaw installation is incomplete. Stop IT0, delete its folder node_modules, and start it again. Its last output:\n${lock}`,
  );
  const config = [
    '\u001b[90m2026-11-25T12:18:16.278+00:00\u001b[39m \u001b[36m[gateway]\u001b[39m \u001b[36mstarting...\u001b[39m',
    '2026-11-25T12:18:18.010+00:00 Gateway failed to start: Invalid config at openclaw.json:',
    'openclaw.json:1 — agents: Unrecognized key: "nope"',
    '    at read (file:///openclaw/dist/config.js:1:2)',
    '',
  ];
  expect(await diagnose(config.join('\n'))).toMatch(
    /^The OpenClaw gateway cannot start\. .*the agent’s model again.* Its last output:\nGateway failed to start: Invalid config at openclaw\.json:\nopenclaw\.json:1 — agents: Unrecognized key: "nope"$/,
  );
  expect(await diagnose('Gateway failed to start: listen EADDRINUSE: address already in use')).toContain('port');
  expect(await diagnose('Something new.')).toMatch(/automatically\. Its output may show .*\nSomething new\.$/);
  expect(await diagnose('')).toBe('The OpenClaw gateway cannot start. IT0 restarts it automatically.');
});

test('the last output of a gateway is truncated and has no secrets', async () => {
  const detail = await diagnose(
    `token <token>, key <key>, apiKey: "s3cret", ${'x'.repeat(2 * limits.detail)}\nthe last`,
  );
  expect(detail).toMatch(/^The OpenClaw gateway .*\nx+\nthe last$/s);
  expect(detail).toHaveLength(limits.detail);
  expect(await diagnose('token <token>, key <key>, apiKey: "s3cret"')).toMatch(
    /token \[hidden\], key \[hidden\], apiKey: "\[hidden\]"$/,
  );
});

test.runIf(sandbox.method !== 'none')(
  'a gateway uses the shared compile cache, and cannot write to it in its sandbox',
  async () => {
    using shared = temporaryFolder();
    chmodSync(shared.path, 0o755);
    const name = `${process.version}-${process.arch}-0123abcd`;
    mkdirSync(join(shared.path, name));
    const { promise, resolve } = Promise.withResolvers<string>();
    const options = { sandbox, sharedCompileCache: shared.path };
    await using _gateway = startFake({ WRITES: 'poison' }, { onDown: resolve, ...options });
    const detail = await promise;
    expect(detail).toContain('EROFS');
    expect(detail).toContain(`gateway-compile-cache/${name}-`);
    expect(detail).not.toContain('could write');
    expect(readdirSync(join(shared.path, name))).toEqual([]);
  },
);

test('a gateway has a compile cache of its own while there is no shared one', async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const options = { onDown: resolve, sharedCompileCache: '/nonexistent' };
  await using _gateway = startFake({ SAYS: 'Something new.' }, options);
  expect(await promise).toContain('Something new.');
});

test('a process that listens on the port of a gateway gets no request and no token', async () => {
  const requests: string[] = [];
  await using gateway = startFake({ HANGS: 'idle' }, { onReady: () => requests.push('accepted as ready') });
  const { port, token } = await gateway.record();
  const { key, certificate: cert } = createSelfSignedCertificate();
  const other = createServer({ key, cert }, ({ url }, response) => {
    requests.push(url!);
    response.end();
  });
  other.on('upgrade', ({ url }) => requests.push(`upgrade ${url}`)).listen(port, '127.0.0.1');
  // The second connection proves that the bridge refused the first response.
  await once(other, 'connection');
  await once(other, 'connection');
  const { fingerprint } = createSelfSignedCertificate();
  const address = { url: `wss://127.0.0.1:${port}`, token, fingerprint };
  await expect(withAdminConnection(address, async () => {})).rejects.toThrow('fingerprint');
  expect(requests).toEqual([]);
  other.close();
});

test('a gateway that does nothing is restarted after the time limit, and one at work gets more time', async () => {
  const { promise: detail, resolve: onDown } = Promise.withResolvers<string>();
  await using idle = startFake({ HANGS: 'idle' }, { onDown });
  const slowStarts: string[] = [];
  await using busy = startFake({ HANGS: 'busy' }, { onSlowStart: (detail) => slowStarts.push(detail) });
  await idle.record();
  const { pid } = await busy.record();
  await expect
    .poll(async () => findTree(await listProcesses(), pid).some(({ cpuSeconds }) => cpuSeconds > 1.5))
    .toBe(true);
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 121_000 });
  expect(await detail).toContain('The OpenClaw gateway did not become ready in time.');
  await expect.poll(() => busy.lines.join('')).toContain('gateway is still starting');
  expect(slowStarts[0]).toMatch(/starts slowly.* \d+ s of processor time/);
  expect((await busy.record()).pid).toBe(pid);
});

test('health says why a real gateway cannot start', async () => {
  using folder = temporaryFolder();
  // A file instead of the gateway's folder.
  mkdirSync(join(folder.path, 'gateway'));
  writeFileSync(join(folder.path, 'gateway', 'state'), '');
  const bridge = await startBridge(folder.path);
  try {
    const health = () => bridge.health();
    await expect
      .poll(health)
      .toMatchObject({ ready: false, detail: expect.stringMatching(/Its database cannot be read.*ENOTDIR/s) });
  } finally {
    await bridge.end('SIGTERM');
  }
});
