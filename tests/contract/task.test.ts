import { randomUUID } from 'node:crypto';
import { createFixture } from '@it0/tests/support/fixture';
import { follow } from '@it0/tests/support/follow';
import { getRefusal } from '@it0/tests/support/refusal';
import { until } from '@it0/tests/support/until';
import { HttpResponse } from 'msw';
import { expect, test } from 'vitest';

const tool = { type: 'tool', phase: 'start', callId: 'c1', name: 'exec', title: 'uptime', textOffset: 5 } as const;
const toolEnd = {
  type: 'tool',
  phase: 'end',
  callId: 'c1',
  status: 'completed',
  output: 'up 3 days',
  exitCode: 0,
} as const;

test('a message gets a streamed reply with its tool calls in order, which is stored in the history', async () => {
  await using world = await createFixture();
  const { client, bridge } = world;
  const { sessionId, taskId, task, message } = await world.send('How is the host?');
  using events = follow(client, sessionId, '0');
  await bridge.report(task, { type: 'task', status: 'RUNNING' }, { type: 'text', offset: 0, delta: 'Look:' });
  await bridge.report(task, tool, { type: 'progress', callId: 'c1', output: 'up' });
  await bridge.report(task, toolEnd, { type: 'text', offset: 5, delta: ' fine.' });
  await bridge.report(task, { type: 'completed', text: 'Look: fine.' });

  await events.next('completed');
  expect(events.durable().map((event) => [event.seq, event.type])).toEqual([
    [1, 'message'],
    [2, 'task'],
    [3, 'task'],
    [4, 'task'],
    [5, 'tool'],
    [6, 'tool'],
    [7, 'completed'],
  ]);
  expect(await client.session.messages.query({ sessionId })).toMatchObject({
    seq: 7,
    replies: [],
    nextCursor: null,
    messages: [
      { role: 'user', taskId, parts: [{ type: 'text', text: message }] },
      {
        id: taskId,
        role: 'assistant',
        status: 'COMPLETED',
        parts: [
          { type: 'text', text: 'Look:' },
          { type: 'tool', status: 'completed', output: 'up 3 days', exitCode: 0 },
          { type: 'text', text: ' fine.' },
        ],
      },
    ],
  });
});

test('a task request contains the session, the callback URL and the timeout', async () => {
  await using world = await createFixture();
  const { sessionId, task } = await world.send('hi');
  expect(task.sessionKey).toBe(`it0:${sessionId}`);
  expect(task.callbackUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/api\/v1\/agent\/instances\/openclaw-app-callback$/);
  expect(task.timeoutMs).toBeGreaterThan(29 * 60_000);
});

test('createTask creates one task for concurrent calls with the same requestId', async () => {
  await using world = await createFixture();
  const { client, bridge, instance } = world;
  const input = { instanceId: instance.id, message: 'once', requestId: randomUUID() };
  const responses = await Promise.all([1, 2, 3].map(() => client.instance.createTask.mutate(input)));
  expect(new Set(responses.map((response) => response.taskId)).size).toBe(1);
  await bridge.task('once');
  expect(await world.app.tenant.agentTask.count()).toBe(1);
  expect(await world.app.tenant.agentSession.count()).toBe(1);
});

test('createTask returns before the bridge responds, and an unavailable bridge gets the task later', async () => {
  await using world = await createFixture();
  world.bridge.respondOnce(
    () => HttpResponse.error(),
    () => new HttpResponse(null, { status: 503 }),
    () => new HttpResponse('<html>', { status: 429, headers: { 'retry-after': '0' } }),
  );
  const { taskId } = await world.send('patience');
  await until(async () => {
    const task = await world.app.tenant.agentTask.findUniqueOrThrow({ where: { id: taskId } });
    return task.status === 'DISPATCHED';
  });
});

test('a task that the bridge rejects fails with the message of the bridge', async () => {
  await using world = await createFixture();
  world.bridge.respondOnce(() =>
    HttpResponse.json({ reason: 'INVALID_INPUT', message: 'No room left.' }, { status: 422 }),
  );
  const { client, instance } = world;
  const { sessionId } = await client.instance.createTask.mutate({
    instanceId: instance.id,
    message: 'refused',
    requestId: randomUUID(),
  });
  using events = follow(client, sessionId, '0');
  expect(await events.next('error')).toMatchObject({
    status: 'FAILED',
    reason: 'BRIDGE_REJECTED',
    detail: 'No room left.',
  });
});

test('the tasks of a session run one at a time, and its history alternates between messages and replies', async () => {
  await using world = await createFixture();
  const { client, bridge, instance } = world;
  const first = await world.send('first');
  const next = { instanceId: instance.id, sessionId: first.sessionId };
  await client.instance.createTask.mutate({ ...next, message: 'second', requestId: randomUUID() });
  const other = await world.send('another session is not held up');
  expect(bridge.tasks.map((task) => task.message)).toEqual(['first', other.message]);

  await bridge.report(first.task, { type: 'completed', text: 'one' });
  await bridge.report(await bridge.task('second'), { type: 'completed', text: 'two' });
  const { messages } = await client.session.messages.query({ sessionId: first.sessionId });
  const texts = messages.map((message) => message.parts.map((part) => part.type === 'text' && part.text).join());
  expect(texts).toEqual(['first', 'one', 'second', 'two']);
});

test('the pages of a history contain each message exactly once', async () => {
  await using world = await createFixture();
  const { client, bridge } = world;
  let sessionId: string | undefined;
  for (const n of [1, 2, 3, 4]) {
    const sent = await world.send(`q${n}`, sessionId);
    sessionId = sent.sessionId;
    await bridge.report(sent.task, { type: 'completed', text: `a${n}` });
  }
  const texts: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await client.session.messages.query({ sessionId: sessionId!, cursor, limit: 3 });
    texts.unshift(...page.messages.map(({ parts }) => (parts[0]?.type === 'text' ? parts[0].text : '')));
    cursor = page.nextCursor ?? undefined;
  } while (cursor);
  expect(texts).toEqual(['q1', 'a1', 'q2', 'a2', 'q3', 'a3', 'q4', 'a4']);
});

test('task.cancel stops a running task, keeps its partial text, and is idempotent', async () => {
  await using world = await createFixture();
  const { client, bridge } = world;
  const { sessionId, taskId, task } = await world.send('stop me');
  using events = follow(client, sessionId, '0');
  await bridge.report(task, { type: 'task', status: 'RUNNING' }, { type: 'text', offset: 0, delta: 'Half a' });
  await Promise.all([client.task.cancel.mutate({ taskId }), client.task.cancel.mutate({ taskId })]);
  await until(() => bridge.cancelled.includes(taskId));
  await bridge.report(task, { type: 'error', status: 'CANCELLED', reason: 'CANCELLED_BY_USER', text: 'Half a' });
  await events.next('error');
  expect(await client.task.cancel.mutate({ taskId })).toEqual({ status: 'CANCELLED' });
  const { messages } = await client.session.messages.query({ sessionId });
  expect(messages[1]).toMatchObject({ status: 'CANCELLED', parts: [{ type: 'text', text: 'Half a' }] });
});

test('a queued task that is cancelled is never sent to the bridge', async () => {
  await using world = await createFixture();
  const { client, bridge, instance } = world;
  const first = await world.send('first');
  const { taskId } = await client.instance.createTask.mutate({
    instanceId: instance.id,
    sessionId: first.sessionId,
    message: 'changed my mind',
    requestId: randomUUID(),
  });
  expect(await client.task.cancel.mutate({ taskId })).toEqual({ status: 'CANCELLED' });
  await bridge.report(first.task, { type: 'completed', text: 'done' });
  await world.send('third', first.sessionId);
  expect(bridge.tasks.map((task) => task.message)).toEqual(['first', 'third']);
});

test('a task fails with BRIDGE_LOST when its bridge does not know it any more', async () => {
  await using world = await createFixture();
  const { client, app, bridge } = world;
  bridge.setTaskState(() => new HttpResponse(null, { status: 404 }));
  const { sessionId, taskId } = await world.send('forget me');
  using events = follow(client, sessionId, '0');
  await events.next('task', (event) => event.status === 'DISPATCHED');
  await app.database.platform.dispatch.updateMany({ where: { taskId }, data: { due: new Date(0) } });
  expect(await events.next('error')).toMatchObject({ status: 'FAILED', reason: 'BRIDGE_LOST' });
});

test('a reply that arrives after the timeout of its task is stored and marked late', async () => {
  await using world = await createFixture();
  const { client, app, bridge } = world;
  const { sessionId, taskId, task } = await world.send('late');
  using events = follow(client, sessionId, '0');
  await bridge.report(task, { type: 'task', status: 'RUNNING' }, { type: 'text', offset: 0, delta: 'So' });
  await app.tenant.agentTask.update({ where: { id: taskId }, data: { deadline: new Date(0) } });
  await app.database.platform.dispatch.updateMany({ where: { taskId }, data: { due: new Date(0) } });
  await events.next('error');
  expect((await bridge.report(task, tool, toolEnd)).status).toBe(200);
  expect((await bridge.report(task, { type: 'completed', text: 'So it is.' })).status).toBe(200);
  expect(await events.next('completed')).toMatchObject({ late: true, text: 'So it is.' });
  const { messages } = await client.session.messages.query({ sessionId });
  expect(messages[1]).toMatchObject({
    status: 'TIMED_OUT',
    late: true,
    parts: [{ type: 'text', text: 'So it is.' }],
  });
  expect((await bridge.post(task, { taskId, events: [{ type: 'heartbeat' }] })).status).toBe(410);
});

test('the timeout of a task is the instance’s taskMinutes', async () => {
  await using world = await createFixture();
  await world.app.tenant.agentInstance.updateMany({ data: { taskMinutes: 2 } });
  const { task } = await world.send('be quick');
  expect(task.timeoutMs).toBeLessThanOrEqual(2 * 60_000);
});

test('a task past its deadline times out, keeps its text, and is cancelled at the bridge', async () => {
  await using world = await createFixture();
  const { client, app, bridge } = world;
  const { sessionId, taskId, task } = await world.send('too slow');
  using events = follow(client, sessionId, '0');
  await bridge.report(task, { type: 'task', status: 'RUNNING' }, { type: 'text', offset: 0, delta: 'So far' });
  await app.tenant.agentTask.update({ where: { id: taskId }, data: { deadline: new Date(0) } });
  await app.database.platform.dispatch.updateMany({ where: { taskId }, data: { due: new Date(0) } });
  expect(await events.next('error')).toMatchObject({
    status: 'TIMED_OUT',
    reason: 'DEADLINE_EXCEEDED',
    text: 'So far',
  });
  await until(() => bridge.cancelled.includes(taskId));
});

test('session.messages returns the requestId of each message and the instance of the session', async () => {
  await using world = await createFixture();
  const requestId = randomUUID();
  const { sessionId } = await world.client.instance.createTask.mutate({
    instanceId: world.instance.id,
    message: 'mine',
    requestId,
  });
  const history = await world.client.session.messages.query({ sessionId });
  expect(history.instanceId).toBe(world.instance.id);
  expect(history.messages.map((message) => message.requestId)).toEqual([requestId]);
});

test('a task may write to the shared folder only while the owner’s setting allows it', async () => {
  await using world = await createFixture();
  const { client, instance, app, user } = world;
  expect((await world.send()).task).toMatchObject({ userId: user.id });
  expect((await world.send()).task.sharedFolder).toBeUndefined();
  const set = (writable: boolean) => client.instance.setSharedFolder.mutate({ instanceId: instance.id, writable });
  expect(await set(true)).toMatchObject({ sharedFolderWritable: true });
  expect((await world.send()).task.sharedFolder).toBe('read-write');
  expect(await set(false)).toMatchObject({ sharedFolderWritable: false });
  expect((await world.send()).task.sharedFolder).toBeUndefined();

  // A person with a share can see the setting, but not change it.
  await client.instance.share.mutate({ instanceId: instance.id, with: { role: 'admin' } });
  const admin = app.client(await app.newUser({ role: 'admin' }));
  expect(await admin.instance.list.query()).toMatchObject([{ sharedFolderWritable: false }]);
  const refused = admin.instance.setSharedFolder.mutate({ instanceId: instance.id, writable: true });
  expect((await getRefusal(refused)).data.reason).toBe('INSTANCE_NOT_FOUND');
});

test('the tokens of a reply are stored with its task, and are part of its message', async () => {
  await using world = await createFixture();
  const { sessionId, task } = await world.send();
  const usage = { input: 1_200, output: 34, cacheRead: 1_000, cacheWrite: 0 };
  await world.app.tenant.agentInstance.update({ where: { id: world.instance.id }, data: { modelName: 'model-1' } });
  await world.bridge.report(task, { type: 'completed', text: 'Done.', usage });
  const { messages } = await world.client.session.messages.query({ sessionId });
  expect(messages.map((message) => message.usage)).toEqual([null, { input: 1_200, output: 34 }]);
  const stored = await world.app.tenant.agentTask.findUniqueOrThrow({ where: { id: task.taskId } });
  expect(stored).toMatchObject({ inputTokens: 1_200, outputTokens: 34, cachedTokens: 1_000, model: 'model-1' });
});
