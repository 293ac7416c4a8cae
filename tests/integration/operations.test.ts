import { get } from 'node:http';
import { createLog } from '@it0/server/log';
import { testApp } from '@it0/tests/support/app';
import { createFixture } from '@it0/tests/support/fixture';
import { hasRedis, startRedis } from '@it0/tests/support/redis';
import { until } from '@it0/tests/support/until';
import { expect, test } from 'vitest';

const fetchMetrics = async (url: string, headers: Record<string, string> = {}) => fetch(`${url}/metrics`, { headers });

/** Requests the metrics with a `host` header, which `fetch` cannot set. Returns the status. */
const requestAsHost = (url: string, host: string) =>
  new Promise<number>((resolve, reject) => {
    get(`${url}/metrics`, { headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode!);
    }).on('error', reject);
  });

test('/healthz and /readyz return 200 for a running server', async () => {
  await using app = await testApp();
  expect(await (await fetch(`${app.url}/healthz`)).json()).toEqual({ ok: true });
  const ready = await fetch(`${app.url}/readyz`);
  expect([ready.status, await ready.json()]).toEqual([200, { ready: true, wrong: {} }]);
});

test('a server with an almost full disk is ready and warns', async () => {
  await using app = await testApp({ diskFloorMb: Number.MAX_SAFE_INTEGER });
  const ready = await fetch(`${app.url}/readyz`);
  expect([ready.status, await ready.json()]).toEqual([
    200,
    { ready: true, wrong: {}, warnings: { disk: expect.stringContaining('agents run no command') } },
  ]);
});

test('a server with missing migrations is not ready and lists them', async () => {
  await using app = await testApp();
  await app.database.pool.query('DELETE FROM public."_prisma_migrations"');
  const ready = await fetch(`${app.url}/readyz`);
  expect([ready.status, await ready.json()]).toMatchObject([
    503,
    { ready: false, wrong: { migrations: expect.stringContaining('applied') } },
  ]);
});

test.skipIf(!hasRedis)('a server is not ready while its Redis is unavailable', async () => {
  await using redis = await startRedis();
  await using app = await testApp({ redisUrl: redis.url });
  await redis.kill();
  const ready = await fetch(`${app.url}/readyz`);
  expect([ready.status, await ready.json()]).toMatchObject([503, { wrong: { bus: expect.any(String) } }]);
  await redis.start();
  await until(async () => (await fetch(`${app.url}/readyz`)).status === 200);
});

test('metrics count tasks, and contain nothing about people or tenants', async () => {
  await using world = await createFixture();
  const { app, bridge } = world;
  const { task } = await world.send();
  await bridge.report(task, { type: 'task', status: 'RUNNING' });
  await until(async () => (await (await fetchMetrics(app.url)).text()).includes('it0_dispatch_seconds_count 1'));
  const running = await (await fetchMetrics(app.url)).text();
  expect(running).toContain('it0_tasks{status="RUNNING"} 1');
  expect(running).toContain('it0_callback_seconds_count{status="200"} 1');
  expect(running).toMatch(/it0_bus_lag_seconds 0\.\d+/);
  expect(running).toContain('it0_subscribers 0');
  expect(running).toContain('it0_event_loop_lag_seconds{quantile="0.99"}');
  expect(running).not.toContain(app.tenantId);

  await bridge.report(task, { type: 'completed', text: 'done' });
  const ended = await (await fetchMetrics(app.url)).text();
  expect(ended).toContain('it0_tasks{status="RUNNING"} 0');
  expect(ended).toContain('it0_tasks_ended_total{status="COMPLETED"} 1');
});

test('metrics require a request from this machine or the token', async () => {
  await using open = await testApp();
  expect((await fetchMetrics(open.url, { 'x-forwarded-for': '203.0.113.7' })).status).toBe(404);
  // A page whose host name resolves to this machine sends that name.
  for (const host of [
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '10.0.0.1',
    'it0.example:4000',
  ]) {
    expect([host, await requestAsHost(open.url, host)]).toEqual([host, 404]);
  }
  for (const host of ['localhost', 'localhost:4000', '127.0.0.1:4000', '[::1]:4000', 'LOCALHOST']) {
    expect([host, await requestAsHost(open.url, host)]).toEqual([host, 200]);
  }
  await using closed = await testApp({ metricsToken: 'a-long-enough-token' });
  expect((await fetchMetrics(closed.url)).status).toBe(404);
  expect((await fetchMetrics(closed.url, { authorization: 'Bearer a-long-enough-tokem' })).status).toBe(404);
  expect((await fetchMetrics(closed.url, { authorization: 'Bearer a-long-enough-token' })).status).toBe(200);
});

test('the log contains tenant, session and task, but no messages', async () => {
  const lines: string[] = [];
  await using world = await createFixture({ log: createLog('trace', { write: (line) => lines.push(line) }) });
  const { bridge, app } = world;
  const { task, taskId, sessionId } = await world.send('the password is hunter2');
  await bridge.report(task, { type: 'task', status: 'RUNNING' }, { type: 'completed', text: 'hunter2 it is' });
  const taskLines = lines.map((line) => JSON.parse(line)).filter((line) => line.taskId === taskId);
  expect(taskLines.map(({ msg }) => msg)).toEqual(expect.arrayContaining(['a task was created', 'a task ended']));
  for (const line of taskLines) expect(line).toMatchObject({ tenantId: app.tenantId, sessionId });
  for (const secret of ['hunter2', 'bridge-secret', task.callbackToken]) expect(lines.join('')).not.toContain(secret);
});
