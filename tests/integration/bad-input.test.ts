import { randomUUID } from 'node:crypto';
import { limits } from '@it0/contracts/limits';
import { createFixture } from '@it0/tests/support/fixture';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';

test('createTask refuses invalid input with a reason, and changes nothing', async () => {
  await using world = await createFixture();
  const { app, user, client, instance } = world;
  const stopped = await app.newInstance(user, { status: 'STOPPED' });
  const deploying = await app.newInstance(user, { status: 'DEPLOYING' });
  const good = { instanceId: instance.id, message: 'hello', requestId: randomUUID() };
  const refused: [object, string, number][] = [
    [{ instanceId: randomUUID() }, 'INSTANCE_NOT_FOUND', 404],
    [{ instanceId: stopped.id }, 'INSTANCE_NOT_RUNNING', 409],
    [{ instanceId: deploying.id }, 'INSTANCE_NOT_RUNNING', 409],
    [{ instanceId: 'x' }, 'INVALID_INPUT', 400],
    [{ sessionId: randomUUID() }, 'SESSION_NOT_FOUND', 404],
    [{ message: '' }, 'INVALID_INPUT', 400],
    [{ message: ' \n\t ' }, 'INVALID_INPUT', 400],
    [{ message: 'x'.repeat(200_000) }, 'INVALID_INPUT', 400],
    [{ message: 7 }, 'INVALID_INPUT', 400],
    [{ requestId: undefined }, 'INVALID_INPUT', 400],
  ];
  for (const [wrong, reason, httpStatus] of refused) {
    const error = await client.instance.createTask.mutate({ ...good, ...wrong } as typeof good).catch((cause) => cause);
    expect([wrong, error.data]).toMatchObject([wrong, { reason, httpStatus }]);
  }
  expect(await app.tenant.agentTask.count()).toBe(0);
  expect(await app.tenant.agentSession.count()).toBe(0);
  await client.instance.createTask.mutate(good);
});

test('the error response names the invalid field', async () => {
  await using world = await createFixture();
  const input = { instanceId: world.instance.id, message: '', requestId: randomUUID() };
  const error = await world.client.instance.createTask.mutate(input).catch((cause) => cause);
  expect(error.data.issues.fieldErrors).toHaveProperty('message');
  expect(error.data.stack).toBeUndefined();
});

test('malformed requests get a response, and the server continues', async () => {
  await using world = await createFixture();
  const { app, user, client } = world;
  const post = async (path: string, body: string, type = 'application/json') => {
    const headers = { cookie: user.cookie, 'content-type': type };
    const response = await fetch(`${app.url}${path}`, { method: 'POST', headers, body });
    return [response.status, JSON.stringify(await response.json()).match(/"reason":"(\w+)"/)?.[1]];
  };
  expect(await post('/trpc/instance.createTask', '{"instanceId":')).toEqual([400, 'INVALID_INPUT']);
  expect(await post('/trpc/instance.createTask', '"x"', 'text/plain')).toEqual([415, 'INVALID_INPUT']);
  expect(await post('/trpc/instance.createTask', `"${'x'.repeat(limits.requestBytes)}"`)).toEqual([
    413,
    'BODY_TOO_LARGE',
  ]);
  expect(await post('/trpc/no.such.procedure', '{}')).toEqual([404, 'NOT_FOUND']);
  expect(await post('/trpc/instance.list', '{}')).toEqual([405, 'NOT_FOUND']);
  expect(await post('/trpc/%', '{}')).toEqual([400, 'INVALID_INPUT']);
  expect(await post('/api/v1/nothing', '{}')).toEqual([404, 'NOT_FOUND']);
  expect(await client.instance.list.query()).toHaveLength(1);
});

test('garbage on the WebSocket closes at most that socket, and the server continues', async () => {
  await using world = await createFixture();
  const { app, user, client } = world;
  for (const message of ['{', '[]', '{"id":1}', Buffer.from([0xff, 0]), 'x'.repeat(limits.requestBytes + 1)]) {
    const socket = new WebSocket(`${app.url.replace('http', 'ws')}/ws/agent`, { headers: { cookie: user.cookie } });
    await new Promise((resolve) => socket.on('open', resolve));
    const settled = new Promise((resolve) => {
      socket.on('message', resolve).on('close', resolve).on('error', resolve);
    });
    socket.send(message);
    socket.send('PING');
    await settled;
    socket.terminate();
  }
  expect(await client.instance.list.query()).toHaveLength(1);
});

test('internal errors are masked', async () => {
  await using world = await createFixture();
  const { app, client, instance } = world;
  await app.database.pool.query(
    `ALTER TABLE "tenant_${app.tenantId.replaceAll('-', '')}"."AgentTask" RENAME TO "gone"`,
  );
  const input = { instanceId: instance.id, message: 'x', requestId: randomUUID() };
  const error = await client.instance.createTask.mutate(input).catch((cause) => cause);
  expect(error.message).toBe('Something went wrong on the server.');
  expect(error.data).toMatchObject({ reason: 'INTERNAL', httpStatus: 500 });
  expect(JSON.stringify(error.shape)).not.toContain('AgentTask');
});
