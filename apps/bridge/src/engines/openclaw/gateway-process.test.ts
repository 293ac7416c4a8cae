import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { limits } from '@it0/contracts/limits';
import { createNoSandbox } from '@it0/node/sandbox/find-sandbox';
import { createSelfSignedCertificate } from '@it0/node/self-signed-certificate';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { startBridge } from '../../testing/bridge-process.ts';
import { temporaryFolder } from '../../testing/folder.ts';
import { withAdminConnection } from './connection.ts';
import { superviseGateway } from './gateway-process.ts';
import { selectModel } from './model.ts';

const MAIN = fileURLToPath(new URL('gateway.fixture.ts', import.meta.url));

/** Returns the detail that is reported when a gateway prints this and exits. */
async function diagnose(output: string): Promise<string> {
  using folder = temporaryFolder();
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const gateway = superviseGateway({
    dir: folder.path,
    model: selectModel({ anthropicKey: 'the key of a model' })!,
    environment: { SAYS: output },
    tools: { url: 'http://127.0.0.1:1/mcp', token: 'the token of the tools' },
    sandbox: createNoSandbox('a test'),
    main: MAIN,
    log: pino({ level: 'silent' }),
    onReady: () => reject(new Error('the gateway became ready')),
    onDown: resolve,
  });
  try {
    return await promise;
  } finally {
    await gateway.close({ gracefully: true });
  }
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

test('a process that listens on the port of a gateway gets no request and no token', async () => {
  using folder = temporaryFolder();
  const gateway = superviseGateway({
    ...{ dir: folder.path, model: selectModel({ anthropicKey: 'the key of a model' })!, main: MAIN },
    environment: { HANGS: 'yes' },
    tools: { url: 'http://127.0.0.1:1/mcp', token: 'the token of the tools' },
    sandbox: createNoSandbox('a test'),
    log: pino({ level: 'silent' }),
    onReady: () => requests.push('accepted as ready'),
    onDown: () => {},
  });
  await using _ = { [Symbol.asyncDispose]: () => gateway.close({ gracefully: false }) };
  const requests: string[] = [];
  const record = () => JSON.parse(readFileSync(join(folder.path, 'gateway.json'), 'utf8'));
  await expect.poll(() => existsSync(join(folder.path, 'gateway.json')) && record()).toBeTruthy();
  const { port, token } = record();
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
