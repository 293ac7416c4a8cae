import { randomUUID } from 'node:crypto';
import { approvalReport } from '@it0/tests/support/approval';
import { createFixture } from '@it0/tests/support/fixture';
import { follow } from '@it0/tests/support/follow';
import { until } from '@it0/tests/support/until';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';

const seen = { command: 'x', allowedDecisions: ['deny' as const] };

const getReason = async (call: Promise<unknown>) => {
  const error = await call.then(
    () => null,
    (cause) => cause,
  );
  return error?.data?.reason ?? 'no refusal';
};

test('calls over HTTP and the WebSocket are refused without a login', async () => {
  await using world = await createFixture();
  const { sessionId, taskId } = await world.send();
  const anonymous = world.app.client();
  const id = world.instance.id;
  const calls = [
    anonymous.auth.me.query(),
    anonymous.instance.list.query(),
    anonymous.instance.byId.query({ instanceId: id }),
    anonymous.instance.sessions.query({ instanceId: id }),
    anonymous.instance.createTask.mutate({ instanceId: id, message: 'x', requestId: randomUUID() }),
    anonymous.session.messages.query({ sessionId }),
    anonymous.task.cancel.mutate({ taskId }),
    anonymous.approval.resolve.mutate({ approvalId: randomUUID(), decision: 'deny', seen }),
  ];
  expect(await Promise.all(calls.map(getReason))).toEqual(calls.map(() => 'NOT_SIGNED_IN'));
  using events = follow(anonymous, sessionId, '0');
  expect(await until(() => events.errors[0])).toMatchObject({ data: { reason: 'NOT_SIGNED_IN' } });
});

test('a missing object and one of another person or tenant get the same response', async () => {
  await using world = await createFixture();
  const { app, instance } = world;
  const { sessionId, taskId, task } = await world.send('secret marker');
  const report = approvalReport(seen);
  const { approvalId } = report;
  await world.bridge.report(task, report);
  const otherTenant = await app.database.createTenant({ name: 'Other' });
  const strangers = [await app.newUser({ name: 'Colleague' }), await app.newUser({ inTenant: otherTenant })];
  for (const stranger of strangers) {
    const client = app.client(stranger);
    const responses = (ids: { instanceId: string; sessionId: string; taskId: string; approvalId: string }) =>
      Promise.all(
        [
          client.instance.byId.query({ instanceId: ids.instanceId }),
          client.instance.sessions.query({ instanceId: ids.instanceId }),
          client.instance.createTask.mutate({ instanceId: ids.instanceId, message: 'x', requestId: randomUUID() }),
          client.session.messages.query({ sessionId: ids.sessionId }),
          client.task.cancel.mutate({ taskId: ids.taskId }),
          client.approval.resolve.mutate({ approvalId: ids.approvalId, decision: 'deny', seen }),
        ].map((call) =>
          call.then(
            () => 'no refusal',
            (error) => JSON.stringify(error.shape),
          ),
        ),
      );
    const [id, foreign] = [randomUUID, { instanceId: instance.id, sessionId, taskId, approvalId }];
    const missing = { instanceId: id(), sessionId: id(), taskId: id(), approvalId: id() };
    const refused = await responses(foreign);
    expect(refused).toEqual(await responses(missing));
    expect(refused).not.toContain('no refusal');
    expect(await client.instance.list.query()).toEqual([]);
    using events = follow(client, sessionId, '0');
    expect(await until(() => events.errors[0])).toMatchObject({ data: { reason: 'SESSION_NOT_FOUND' } });
    expect(events.events()).toEqual([]);
  }
  expect(await app.tenant.agentTask.count()).toBe(1);
});

test('createTask refuses a session of another instance', async () => {
  await using world = await createFixture();
  const { client, app, user } = world;
  const { sessionId } = await world.send();
  const other = await app.newInstance(user);
  const input = { instanceId: other.id, sessionId, message: 'x', requestId: randomUUID() };
  expect(await getReason(client.instance.createTask.mutate(input))).toBe('SESSION_NOT_FOUND');
  expect((await client.instance.sessions.query({ instanceId: other.id })).items).toEqual([]);
});

test('an expired login is refused', async () => {
  await using world = await createFixture();
  await world.app.database.platform.loginSession.updateMany({ data: { expiresAt: new Date(0) } });
  expect(await getReason(world.client.instance.list.query())).toBe('NOT_SIGNED_IN');
});

test('a request from another site with the cookie is refused, over HTTP and the WebSocket', async () => {
  await using world = await createFixture();
  const { app, user } = world;
  const headers = { cookie: user.cookie, origin: 'https://evil.example', 'content-type': 'application/json' };
  const response = await fetch(`${app.url}/trpc/task.cancel`, { method: 'POST', headers, body: '{}' });
  expect([response.status, await response.json()]).toMatchObject([403, { reason: 'ORIGIN_REFUSED' }]);
  const socket = new WebSocket(`${app.url.replace('http', 'ws')}/ws/agent`, { headers });
  const refused = await new Promise((resolve) => socket.on('error', resolve));
  expect(String(refused)).toContain('403');
});
