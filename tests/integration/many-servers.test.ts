import { randomUUID } from 'node:crypto';
import { endTask } from '@it0/api/agent/dispatch/end-task';
import { CALLBACK_PATH, type TaskRequest } from '@it0/contracts/bridge';
import { createReply, reduceReply } from '@it0/contracts/reply';
import { createServer, type Server } from '@it0/server/server';
import { createFixture } from '@it0/tests/support/fixture';
import { follow } from '@it0/tests/support/follow';
import { hasRedis, redisHint, startRedis } from '@it0/tests/support/redis';
import { until } from '@it0/tests/support/until';
import { HttpResponse } from 'msw';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';

/** Returns the task with the callback URL of another server. */
const withCallbackTo = ({ url }: Pick<Server, 'url'>, task: TaskRequest): TaskRequest => ({
  ...task,
  callbackUrl: new URL(CALLBACK_PATH, url).href,
});
const range = (n: number) => Array.from({ length: n }, (_, index) => index + 1);
const seqs = (events: ReturnType<typeof follow>) => events.durable().map((event) => event.seq);
const readText = (events: ReturnType<typeof follow>, taskId: string) =>
  events
    .events()
    .filter((event) => event.taskId === taskId)
    .reduce(reduceReply, createReply(taskId)).text;

for (const bus of ['postgres', 'redis']) {
  const skipped = bus === 'redis' && !hasRedis;

  describe.skipIf(skipped)(skipped ? `over ${bus}: ${redisHint}` : `over ${bus}`, () => {
    /** Starts two servers on one database, with the fixture at the first one. */
    async function startTwoServers() {
      const stack = new AsyncDisposableStack();
      const redis = bus === 'redis' ? stack.use(await startRedis()) : undefined;
      const world = stack.use(await createFixture({ redisUrl: redis?.url }));
      const other = await world.app.another();
      const otherClient = world.app.client(world.user, other.url);
      return { ...world, redis, other, otherClient, [Symbol.asyncDispose]: () => stack.disposeAsync() };
    }

    test('a subscriber gets callbacks that another server received', async () => {
      await using world = await startTwoServers();
      const { bridge, otherClient } = world;
      const { task, taskId, sessionId } = await world.send();
      using events = follow(otherClient, sessionId, '0');
      await events.next('message');
      await bridge.report(task, { type: 'task', status: 'RUNNING' }, { type: 'text', offset: 0, delta: 'One ' });
      await bridge.report(task, { type: 'text', offset: 4, delta: 'two' });
      await until(() => readText(events, taskId) === 'One two');
      await bridge.report(task, { type: 'completed', text: 'One two three' });
      await events.next('completed');
      expect(seqs(events)).toEqual(range(events.durable().length));
    });

    test('callbacks of one task to several servers make one reply', async () => {
      await using world = await startTwoServers();
      const { bridge, otherClient, other, client } = world;
      const { task, taskId, sessionId } = await world.send();
      using first = follow(client, sessionId, '0');
      using second = follow(otherClient, sessionId, '0');
      await bridge.report(task, { type: 'task', status: 'RUNNING' }, { type: 'text', offset: 0, delta: 'One ' });
      await first.next('text');
      const response = await bridge.report(withCallbackTo(other, task), { type: 'text', offset: 4, delta: 'two' });
      expect(await response.json()).toMatchObject({ textFrom: expect.any(Number) });
      await bridge.report(withCallbackTo(other, task), { type: 'text', offset: 0, delta: 'One two' });
      for (const events of [first, second]) await until(() => readText(events, taskId) === 'One two');
      await bridge.report(withCallbackTo(other, task), { type: 'completed', text: 'One two.' });
      for (const events of [first, second]) {
        await events.next('completed');
        expect(seqs(events)).toEqual(range(events.durable().length));
      }
    });

    test('a subscriber that joins at the other server gets the text so far and continues without a gap', async () => {
      await using world = await startTwoServers();
      const { bridge, otherClient } = world;
      const { task, taskId, sessionId } = await world.send();
      await bridge.report(task, { type: 'task', status: 'RUNNING' }, { type: 'text', offset: 0, delta: '0123' });
      await bridge.report(task, { type: 'text', offset: 4, delta: '4567' });
      using events = follow(otherClient, sessionId, '0');
      await events.next('task', (event) => event.status === 'RUNNING');
      await bridge.report(task, { type: 'text', offset: 8, delta: '89' });
      await until(() => readText(events, taskId) === '0123456789');
      expect(events.errors).toEqual([]);
    });

    test('batches that are too large for the bus are read from the log', async () => {
      await using world = await startTwoServers();
      const { bridge, otherClient } = world;
      const { task, sessionId } = await world.send();
      using events = follow(otherClient, sessionId, '0');
      await events.next('message');
      const text = 'long '.repeat(30_000);
      await bridge.report(task, { type: 'task', status: 'RUNNING' }, { type: 'completed', text });
      expect(await events.next('completed')).toMatchObject({ text });
      expect(seqs(events)).toEqual(range(events.durable().length));
    });

    test('the dispatches of a stopped server continue on the other', async () => {
      await using world = await startTwoServers();
      const { bridge, app, other, otherClient } = world;
      let attempts = 0;
      bridge.respondOnce(() => new HttpResponse(null, { status: 503, headers: { 'retry-after': `${++attempts}` } }));
      const message = `hello ${randomUUID()}`;
      const { sessionId } = await world.client.instance.createTask.mutate({
        ...{ instanceId: world.instance.id, message, requestId: randomUUID() },
      });
      await until(() => attempts);
      await app.stop();
      const task = await bridge.task(message);
      expect(task.callbackUrl).toContain(new URL(other.url).port);
      using events = follow(otherClient, sessionId, '0');
      await bridge.report(task, { type: 'task', status: 'RUNNING' }, { type: 'completed', text: 'done' });
      await events.next('completed');
    });
  });
}

test('a server refuses callbacks of a task that another server ended', async () => {
  await using world = await createFixture();
  const { app, bridge } = world;
  const other = await app.another();
  const { task, taskId } = await world.send();
  const redirected = withCallbackTo(other, task);
  await bridge.report(redirected, { type: 'task', status: 'RUNNING' }, { type: 'text', offset: 0, delta: 'One' });
  const end = { status: 'CANCELLED', reason: 'CANCELLED_BY_USER' } as const;
  await endTask(app.services, { tenantId: app.tenantId, id: taskId, text: 'One' }, end);
  await until(async () => (await bridge.post(redirected, { taskId, events: [{ type: 'heartbeat' }] })).status === 410);
});

test('a task of a stopped server reports to the server that asks for its state', async () => {
  await using world = await createFixture();
  const { app, bridge } = world;
  const other = await app.another();
  const { taskId } = await world.send();
  await until(async () => (await app.tenant.agentTask.findUnique({ where: { id: taskId } }))?.status === 'DISPATCHED');
  await app.stop();
  bridge.setTaskState(() =>
    HttpResponse.json({ taskId, state: 'running', lastN: 1, ackedN: 0, callbackFailing: true }),
  );
  await app.database.platform.dispatch.updateMany({ where: { taskId }, data: { due: new Date(0) } });
  const repeated = await until(() => bridge.tasks[1]);
  expect(repeated.taskId).toBe(taskId);
  await bridge.report(repeated, { type: 'completed', text: 'done' });
  expect(repeated.callbackUrl).toContain(new URL(other.url).port);
});

test('the tasks of a stopped server are taken over before their next check is due', async () => {
  await using world = await createFixture();
  const { app, bridge } = world;
  const other = await app.another();
  const { taskId } = await world.send();
  const { dispatch } = app.database.platform;
  // The task is sent, and its next check is due in 30 s.
  await until(async () => Number((await dispatch.findFirst({ where: { taskId } }))?.due) > Date.now() + 20_000);
  bridge.setTaskState(() =>
    HttpResponse.json({ taskId, state: 'running', lastN: 1, ackedN: 0, callbackFailing: true }),
  );
  await app.stop();
  const repeated = await until(() => bridge.tasks[1]);
  expect([repeated.taskId, repeated.callbackUrl]).toEqual([taskId, expect.stringContaining(new URL(other.url).port)]);
});

test('a server with another bus or secret than the running ones does not start', async () => {
  await using world = await createFixture();
  const { url: databaseUrl } = world.app.database;
  const options = { host: '127.0.0.1', port: 0, dataDir: '/nonexistent', databaseUrl, log: pino({ level: 'silent' }) };
  await expect(createServer({ ...options, secret: randomUUID() })).rejects.toThrow('IT0_SECRET');
  if (!hasRedis) return;
  await using redis = await startRedis();
  await expect(createServer({ ...options, secret: randomUUID(), redisUrl: redis.url })).rejects.toThrow('REDIS_URL');
});
