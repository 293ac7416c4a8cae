import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { BRIDGE_PROTOCOL, CHECK_IN_PATH } from '@it0/contracts/remote-bridge';
import { expect, test } from 'vitest';
import { remoteHost } from '../testing/remote-host.ts';
import { createModel } from '../testing/remote-server.ts';

test('one command enrolls, runs what is wanted, and does a task that it fetched', async () => {
  await using host = await remoteHost();
  await using remote = await host.start();
  await remote.waitForLine('Enrolled as “Web cluster”.');
  await remote.waitForLine('Running: ready.');
  expect(host.server.checkIns.at(-1)).toMatchObject({
    protocol: BRIDGE_PROTOCOL.newest,
    url: null,
    wait: true,
    server: host.server.url,
  });

  const task = await host.send('Hello');
  expect(task.status).toBe(202);
  expect(await task.end()).toMatchObject({ type: 'completed' });
  expect(await host.server.request('GET', '/readyz')).toMatchObject({ status: 200, body: { ready: true } });
  expect(await host.server.request('GET', '/task-async/nothing')).toMatchObject({ status: 404 });
  for (const name of readdirSync(host.dir).filter((name) => /\.json$|bridge\.log/.test(name)))
    expect(statSync(join(host.dir, name)).mode & 0o777).toBe(0o600);
  expect(await remote.end()).toBe(0);
});

test('one that the server reaches listens where it says, and comes by without waiting', async () => {
  await using host = await remoteHost();
  const port = 20_000 + (process.pid % 10_000);
  const url = `http://127.0.0.1:${port}`;
  await using _remote = await host.start([...host.command, '--url', url, '--port', `${port}`, '--host', '127.0.0.1']);
  expect(host.server.checkIns.at(-1)).toMatchObject({ url, wait: false });
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  expect((await fetch(`${url}/logs`)).status).toBe(401);
});

test('a stop lets what runs end; the next start makes it anew', async () => {
  await using host = await remoteHost();
  await using remote = await host.start();
  const task = await host.send('Hello');
  await task.report((report) => report.type === 'text');
  host.server.setDesired({ running: false });
  expect(await task.end()).toMatchObject({ type: 'completed' });
  await host.server.waitForIdle();
  await remote.waitForLine('Nothing runs: the agent is stopped.');
  expect(await host.server.request('POST', '/task-async', host.tasks.newTask())).toMatchObject({ status: 503 });
  host.server.setDesired({ running: true, revision: 2 });
  await host.server.running(({ revision, health }) => revision === 2 && health.ready);
});

test('another revision brings its model, and no key of the host goes along', async () => {
  await using host = await remoteHost();
  const key = 'the key of the host';
  await using _remote = await host.start(host.command, { ANTHROPIC_API_KEY: key });
  const shown = () => host.server.checkIns.at(-1)?.running?.health.model;
  expect(shown()).toMatchObject({ scripted: false });
  host.server.setDesired({ revision: 2, model: createModel('scripted') });
  await host.server.running(({ revision, health }) => revision === 2 && health.ready);
  expect(shown()).toMatchObject({ scripted: true });
  const own = {
    provider: 'anthropic',
    name: 'its-own',
    baseUrl: 'http://127.0.0.1:9',
    key: 'a key of its own',
  } as const;
  host.server.setDesired({ revision: 3, model: own });
  await host.server.running(({ revision, health }) => revision === 3 && health.ready);
  expect(shown()).toEqual({ name: 'its-own', scripted: false });
});

test('after a kill without a server it runs what was wanted last, and ends the task it was at', async () => {
  await using host = await remoteHost();
  await using killed = await host.start();
  const task = await host.send('slow');
  await task.report((report) => report.type === 'text');
  await killed.end('SIGKILL');
  host.server.mishap(() => 'hang up');
  await using remote = host.restart();
  expect(await task.end()).toMatchObject({ type: 'error', reason: 'AGENT_ERROR' });
  await remote.waitForLine('The server cannot be reached');
  await remote.waitForLine('Running: ready.');
  host.server.mishap(() => undefined);
  await remote.waitForLine('Connected again.');
});

test('one whose instance is gone says so and ends', async () => {
  await using host = await remoteHost();
  await using remote = await host.start();
  host.server.deleteInstance();
  expect(await remote.exited).toBe(1);
  expect(remote.lines).toContain('The server says BRIDGE_UNKNOWN.');
  await using again = host.restart();
  expect(await again.exited).toBe(1);
});

test('one that is too old says what to do, and what runs goes on', async () => {
  await using host = await remoteHost();
  await using remote = await host.start();
  const task = await host.send('Hello');
  const message = 'The bridge is too old for this server. Run: npx --yes something';
  host.server.mishap((path) =>
    path === CHECK_IN_PATH ? { status: 412, body: { reason: 'BRIDGE_OUTDATED', message } } : undefined,
  );
  await host.server.request('GET', '/readyz');
  await remote.waitForLine(message);
  const asked = host.server.count(CHECK_IN_PATH);
  expect(await task.end()).toMatchObject({ type: 'completed' });
  expect(host.server.count(CHECK_IN_PATH)).toBe(asked);
});

test('a newer bridge is named once', async () => {
  await using host = await remoteHost();
  host.server.offerUpgrade('/bridge/9.9.9.tgz');
  await using remote = await host.start();
  await host.server.request('GET', '/readyz');
  expect(remote.lines.filter((line) => line.includes('/bridge/9.9.9.tgz'))).toHaveLength(1);
});

test('a check-in whose answer got lost is made again at once', async () => {
  await using host = await remoteHost();
  await using _remote = await host.start();
  const { server } = host;
  const next = server.count(CHECK_IN_PATH) + 1;
  server.mishap((path, count) => (path === CHECK_IN_PATH && count === next ? 'lost' : undefined));
  expect(await server.request('GET', '/readyz')).toMatchObject({ status: 200 });
  await server.until(() => server.count(CHECK_IN_PATH) === next);
  void server.request('GET', '/readyz');
  await server.until(() => server.count(CHECK_IN_PATH) > next);
  expect(await server.request('GET', '/readyz')).toMatchObject({ status: 200 });
});

test('a link that died without a word is left for another', async () => {
  await using host = await remoteHost();
  await using _remote = await host.start();
  const before = host.server.checkIns.length;
  host.server.deaden();
  await host.server.until(() => host.server.checkIns.length > before);
  expect(await host.server.request('GET', '/readyz')).toMatchObject({ status: 200 });
});

test('it ends with whoever started it', async () => {
  await using host = await remoteHost();
  await using remote = await host.start();
  expect(await remote.endByDisconnect()).toBe(0);
});
