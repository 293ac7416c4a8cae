import { once } from 'node:events';
import { readdirSync, statSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { BRIDGE_PROTOCOL, CHECK_IN_PATH } from '@it0/contracts/remote-bridge';
import { findFreePort } from '@it0/node/free-port';
import { expect, test } from 'vitest';
import { remoteHost } from '../testing/remote-host.ts';
import { startRemote } from '../testing/remote-process.ts';
import { createModel } from '../testing/remote-server.ts';

test('the bridge enrolls, starts the desired agent and runs a fetched task', async () => {
  await using host = await remoteHost();
  await using remote = await host.start();
  await remote.waitForLine('Enrolled as “Web cluster”.');
  await remote.waitForLine('The agent is ready.');
  expect(host.server.checkIns.at(-1)).toMatchObject({
    protocol: BRIDGE_PROTOCOL.newest,
    url: null,
    wait: true,
    server: host.server.url,
  });

  const task = await host.send('Hello');
  expect(task.status).toBe(202);
  expect(await task.waitForEnd()).toMatchObject({ type: 'completed' });
  expect(await host.server.request('GET', '/readyz')).toMatchObject({ status: 200, body: { ready: true } });
  expect(await host.server.request('GET', '/task-async/nothing')).toMatchObject({ status: 404 });
  for (const name of readdirSync(host.dir).filter((name) => /\.json$|bridge\.log/.test(name)))
    expect(statSync(join(host.dir, name)).mode & 0o777).toBe(0o600);
  expect(await remote.end()).toBe(0);
});

test('a bridge with --url listens on its port and checks in without long polling', async () => {
  await using host = await remoteHost();
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  await using _remote = await host.start([...host.command, '--url', url, '--port', `${port}`, '--host', '127.0.0.1']);
  expect(host.server.checkIns.at(-1)).toMatchObject({ url, wait: false });
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  expect((await fetch(`${url}/logs`)).status).toBe(401);
});

test('an agent that cannot start is reported with the cause, without a model, and starts later', async () => {
  await using host = await remoteHost();
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const address = ['--url', `http://127.0.0.1:${port}`, '--port', `${port}`, '--host', '127.0.0.1'];
  await using _remote = startRemote([...host.command, ...address]);
  await host.server.waitForRunning(({ health }) => health.detail !== null);
  expect(host.server.checkIns.at(-1)!.running!.health).toMatchObject({
    ...{ ready: false, model: null, engine: { version: null, connected: false } },
    detail: expect.stringMatching(/^The agent failed to start: .*EADDRINUSE/),
  });
  other.close();
  await host.server.waitForRunning(({ health }) => health.ready && health.model !== null);
});

test('a stop lets running tasks end, and the agent can be started again', async () => {
  await using host = await remoteHost();
  await using remote = await host.start();
  const task = await host.send('Hello');
  await task.waitForReport((report) => report.type === 'text');
  host.server.setDesired({ running: false });
  expect(await task.waitForEnd()).toMatchObject({ type: 'completed' });
  await host.server.waitForIdle();
  await remote.waitForLine('The agent is stopped.');
  expect(await host.server.request('POST', '/task-async', host.tasks.newTask())).toMatchObject({ status: 503 });
  host.server.setDesired({ running: true, revision: 2 });
  await host.server.waitForRunning(({ revision, health }) => revision === 2 && health.ready);
});

test('a new revision applies its model, and does not use the key of the host', async () => {
  await using host = await remoteHost();
  const hostKey = 'the key of the host';
  await using _remote = await host.start(host.command, { ANTHROPIC_API_KEY: hostKey });
  const reportedModel = () => host.server.checkIns.at(-1)?.running?.health.model;
  expect(reportedModel()).toMatchObject({ scripted: false });
  host.server.setDesired({ revision: 2, model: createModel('scripted') });
  await host.server.waitForRunning(({ revision, health }) => revision === 2 && health.ready);
  expect(reportedModel()).toMatchObject({ scripted: true });
  const customModel = {
    provider: 'anthropic',
    name: 'custom-model',
    baseUrl: 'http://127.0.0.1:9',
    key: 'the key of the model',
  } as const;
  host.server.setDesired({ revision: 3, model: customModel });
  await host.server.waitForRunning(({ revision, health }) => revision === 3 && health.ready);
  expect(reportedModel()).toEqual({ name: 'custom-model', scripted: false });
});

test('a killed bridge starts the stored desired agent without a server, and ends its interrupted task', async () => {
  await using host = await remoteHost();
  await using killed = await host.start();
  const task = await host.send('slow');
  await task.waitForReport((report) => report.type === 'text');
  await killed.end('SIGKILL');
  host.server.injectFault(() => 'hang up');
  await using remote = host.restart();
  expect(await task.waitForEnd()).toMatchObject({ type: 'error', reason: 'AGENT_ERROR' });
  await remote.waitForLine('Cannot reach the server');
  await remote.waitForLine('The agent is ready.');
  host.server.injectFault(() => undefined);
  await remote.waitForLine('Reconnected.');
});

test('the bridge exits with the server’s message when its instance was deleted', async () => {
  await using host = await remoteHost();
  await using remote = await host.start();
  host.server.deleteInstance();
  expect(await remote.exited).toBe(1);
  expect(remote.lines).toContain('The server says BRIDGE_UNKNOWN.');
  await using restarted = host.restart();
  expect(await restarted.exited).toBe(1);
});

test('an outdated bridge prints how to upgrade and continues its tasks', async () => {
  await using host = await remoteHost();
  await using remote = await host.start();
  const task = await host.send('Hello');
  const message = 'The bridge is too old for this server. Run: npx --yes something';
  host.server.injectFault((path) =>
    path === CHECK_IN_PATH ? { status: 412, body: { reason: 'BRIDGE_OUTDATED', message } } : undefined,
  );
  await host.server.request('GET', '/readyz');
  await remote.waitForLine(message);
  const checkIns = host.server.count(CHECK_IN_PATH);
  expect(await task.waitForEnd()).toMatchObject({ type: 'completed' });
  expect(host.server.count(CHECK_IN_PATH)).toBe(checkIns);
});

test('the command to upgrade is printed once', async () => {
  await using host = await remoteHost();
  host.server.offerUpgrade('/bridge/9.9.9.tgz');
  await using remote = await host.start();
  await host.server.request('GET', '/readyz');
  expect(remote.lines.filter((line) => line.includes('/bridge/9.9.9.tgz'))).toHaveLength(1);
});

test('a check-in is repeated at once when its response is lost', async () => {
  await using host = await remoteHost();
  await using _remote = await host.start();
  const { server } = host;
  const next = server.count(CHECK_IN_PATH) + 1;
  server.injectFault((path, count) => (path === CHECK_IN_PATH && count === next ? 'lost' : undefined));
  expect(await server.request('GET', '/readyz')).toMatchObject({ status: 200 });
  await server.until(() => server.count(CHECK_IN_PATH) === next);
  void server.request('GET', '/readyz');
  await server.until(() => server.count(CHECK_IN_PATH) > next);
  expect(await server.request('GET', '/readyz')).toMatchObject({ status: 200 });
});

test('a dead connection is replaced with a new one', async () => {
  await using host = await remoteHost();
  await using _remote = await host.start();
  const before = host.server.checkIns.length;
  host.server.stallConnections();
  await host.server.until(() => host.server.checkIns.length > before);
  expect(await host.server.request('GET', '/readyz')).toMatchObject({ status: 200 });
});

test('SIGTERM ends the bridge while a stopped agent waits for its task', async () => {
  await using host = await remoteHost();
  await using remote = await host.start();
  const task = await host.send('slow');
  await task.waitForReport((report) => report.type === 'text');
  host.server.setDesired({ running: false });
  const checkIns = host.server.count(CHECK_IN_PATH);
  await host.server.until(() => host.server.count(CHECK_IN_PATH) > checkIns);
  expect(await remote.end()).toBe(0);
});

test('the bridge exits when its parent process exits', async () => {
  await using host = await remoteHost();
  await using remote = await host.start();
  expect(await remote.endByDisconnect()).toBe(0);
});
