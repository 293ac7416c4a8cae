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

const main = fileURLToPath(new URL('gateway.fixture.ts', import.meta.url));

/** What a person is told when a gateway says this, and ends. */
async function told(says: string): Promise<string> {
  using folder = temporaryFolder();
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const gateway = superviseGateway({
    dir: folder.path,
    model: selectModel({ anthropicKey: 'the key of a model' })!,
    environment: { SAYS: says },
    tools: { url: 'http://127.0.0.1:1/mcp', token: 'the token of the tools' },
    sandbox: createNoSandbox('a test'),
    main,
    log: pino({ level: 'silent' }),
    onReady: () => reject(new Error('it got ready')),
    onDown: resolve,
  });
  try {
    return await promise;
  } finally {
    await gateway.close({ gracefully: true });
  }
}

test('of a gateway that refuses to start, a person is told what to do and what it said last', async () => {
  const lock = 'openclaw: package lifecycle is incomplete. Reinstall with package scripts enabled, then retry. EEXIST';
  expect(await told(`${lock}\n`)).toBe(
    `The OpenClaw gateway does not start. OpenClaw is not installed whole. Stop IT0, delete its folder node_modules, and start it again. The last it said:\n${lock}`,
  );
  const config = [
    '\u001b[90m2026-11-25T12:18:16.278+00:00\u001b[39m \u001b[36m[gateway]\u001b[39m \u001b[36mstarting...\u001b[39m',
    '2026-11-25T12:18:18.010+00:00 Gateway failed to start: Invalid config at openclaw.json:',
    'openclaw.json:1 — agents: Unrecognized key: "nope"',
    '    at read (file:///openclaw/dist/config.js:1:2)',
    '',
  ];
  expect(await told(config.join('\n'))).toMatch(
    /^The OpenClaw gateway does not start\. .*the agent’s model again.* The last it said:\nGateway failed to start: Invalid config at openclaw\.json:\nopenclaw\.json:1 — agents: Unrecognized key: "nope"$/,
  );
  expect(await told('Gateway failed to start: listen EADDRINUSE: address already in use')).toContain('port');
  expect(await told('Something new.')).toMatch(/by itself; what it said may tell .*\nSomething new\.$/);
  expect(await told('')).toBe('The OpenClaw gateway does not start. It is started again by itself.');
});

test('what a gateway said last has no secrets in it, and an end', async () => {
  const detail = await told(`token <token>, key <key>, apiKey: "s3cret", ${'x'.repeat(2 * limits.detail)}\nthe last`);
  expect(detail).toMatch(/^The OpenClaw gateway .*\nx+\nthe last$/s);
  expect(detail).toHaveLength(limits.detail);
  expect(await told('token <token>, key <key>, apiKey: "s3cret"')).toMatch(
    /token \[hidden\], key \[hidden\], apiKey: "\[hidden\]"$/,
  );
});

test('a process that listens on the port of a gateway gets no request and no token', async () => {
  using folder = temporaryFolder();
  const gateway = superviseGateway({
    ...{ dir: folder.path, model: selectModel({ anthropicKey: 'the key of a model' })!, main },
    environment: { HANGS: 'yes' },
    tools: { url: 'http://127.0.0.1:1/mcp', token: 'the token of the tools' },
    sandbox: createNoSandbox('a test'),
    log: pino({ level: 'silent' }),
    onReady: () => requests.push('it is taken for ready'),
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
  // The bridge asks again only after it has refused the answer.
  await once(other, 'connection');
  await once(other, 'connection');
  const { fingerprint } = createSelfSignedCertificate();
  const address = { url: `wss://127.0.0.1:${port}`, token, fingerprint };
  await expect(withAdminConnection(address, async () => {})).rejects.toThrow('fingerprint');
  expect(requests).toEqual([]);
  other.close();
});

test('the health of a bridge tells why its real gateway does not start', async () => {
  using folder = temporaryFolder();
  // A file where it would have its folder.
  mkdirSync(join(folder.path, 'gateway'));
  writeFileSync(join(folder.path, 'gateway', 'state'), '');
  const bridge = await startBridge(folder.path);
  try {
    const health = () => bridge.health();
    await expect
      .poll(health)
      .toMatchObject({ ready: false, detail: expect.stringMatching(/What it remembers cannot be read.*ENOTDIR/s) });
  } finally {
    await bridge.end('SIGTERM');
  }
});
