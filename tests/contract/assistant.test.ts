import { randomUUID } from 'node:crypto';
import { limits } from '@it0/contracts/limits';
import { toAuthHeaders } from '@it0/tests/support/app';
import { createFixture } from '@it0/tests/support/fixture';
import { follow } from '@it0/tests/support/follow';
import { getRefusal } from '@it0/tests/support/refusal';
import { until } from '@it0/tests/support/until';
import { createForm, upload } from '@it0/tests/support/upload';
import { expect, test } from 'vitest';

type World = Awaited<ReturnType<typeof createFixture>>;

/** Sends a message to iAgent and waits until its bridge has the task. */
async function ask({ bridge, client }: Pick<World, 'bridge' | 'client'>, message: string, sessionId?: string) {
  const ids = await client.assistant.createTask.mutate({ sessionId, message, requestId: randomUUID() });
  return { ...ids, task: await bridge.task(message) };
}

async function createAssistantFixture() {
  const world = await createFixture();
  await world.app.newAssistant({ bridgeUrl: world.bridge.url });
  return world;
}

test('iAgent’s reply is streamed to a session that has no instance', async () => {
  await using world = await createAssistantFixture();
  const { client, bridge, app } = world;
  const { sessionId, taskId, task } = await ask(world, 'Which instance is idle?');
  using events = follow(client, sessionId, '0');
  await bridge.report(task, { type: 'task', status: 'RUNNING' }, { type: 'text', offset: 0, delta: 'None' });
  await bridge.report(task, { type: 'text', offset: 4, delta: ' is.' }, { type: 'completed', text: 'None is.' });
  await events.next('completed');
  const seqs = events.durable().map(({ seq }) => seq);
  expect(seqs).toEqual(seqs.map((_, index) => index + 1));

  const { items } = await client.assistant.sessions.query({});
  expect(items).toMatchObject([{ id: sessionId, title: 'Which instance is idle?', mine: true }]);
  expect(await client.session.messages.query({ sessionId })).toMatchObject({ instanceId: null, mine: true });
  const session = await app.tenant.agentSession.findUniqueOrThrow({ where: { id: sessionId } });
  expect(session).toMatchObject({ agentInstanceId: null, engineType: 'claude-api' });
  expect(await client.instance.sessions.query({ instanceId: world.instance.id })).toMatchObject({ items: [] });
  expect(taskId).toBe(task.taskId);
});

test('a task of iAgent contains the person, the complete turns of the history, and the address of its tools', async () => {
  await using world = await createAssistantFixture();
  const first = await ask(world, 'one');
  expect(first.task).toMatchObject({ history: [], instructions: expect.stringContaining('"Ada"') });
  expect(first.task.tools).toEqual({
    url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/mcp$/),
    token: expect.any(String),
  });
  await world.bridge.report(first.task, { type: 'completed', text: 'first answer' });
  const second = await ask(world, 'two', first.sessionId);
  expect(second.task.history).toEqual([
    { role: 'user', text: 'one' },
    { role: 'assistant', text: 'first answer' },
  ]);
  await world.bridge.report(second.task, { type: 'error', status: 'FAILED', reason: 'AGENT_ERROR', text: '' });
  const third = await ask(world, 'three', first.sessionId);
  expect(third.task.history.slice(2)).toEqual([
    { role: 'user', text: 'two' },
    { role: 'assistant', text: '(No reply.)' },
  ]);
});

test('a message that was removed from the queue is not in the history of the next ones', async () => {
  await using world = await createAssistantFixture();
  const { client, bridge } = world;
  const { sessionId, task } = await ask(world, 'one');
  const enqueue = (message: string) =>
    client.assistant.createTask.mutate({ sessionId, message, requestId: randomUUID() });
  await client.task.cancel.mutate({ taskId: (await enqueue('delete everything')).taskId });
  await enqueue('two');
  await bridge.report(task, { type: 'completed', text: 'first answer' });
  const { history } = await bridge.task('two');
  expect(history.map(({ text }) => text)).toEqual(['one', 'first answer']);
});

test('the history of a task of iAgent contains the names of earlier attachments, but not their content', async () => {
  await using world = await createAssistantFixture();
  const { app, user, client, bridge } = world;
  const names = ['report.txt', '读我.md'];
  const files = await Promise.all(
    names.map((name) => upload(app.url, toAuthHeaders({ bearer: user.bearer }), createForm(name, 'marker'))),
  );
  const attachmentIds = files.map(({ body }) => body.id);
  const ids = await client.assistant.createTask.mutate({ message: 'one', requestId: randomUUID(), attachmentIds });
  await bridge.report(await bridge.task('one'), { type: 'completed', text: 'first answer' });
  const { task } = await ask(world, 'two', ids.sessionId);
  expect(task.attachments).toEqual([]);
  expect(task.history[0]).toEqual({
    role: 'user',
    text: 'one\n\n(Attached files, whose content is omitted here: "report.txt", "读我.md")',
  });
  expect(JSON.stringify(task)).not.toContain('marker');
});

test('a history that is too long loses its oldest turns, message and reply together', async () => {
  await using world = await createAssistantFixture();
  const first = await ask(world, 'the oldest');
  await world.bridge.report(first.task, { type: 'completed', text: 'x'.repeat(limits.history) });
  const second = await ask(world, 'newer', first.sessionId);
  expect(second.task.history).toEqual([]);
  await world.bridge.report(second.task, { type: 'completed', text: 'short' });
  const third = await ask(world, 'newest', first.sessionId);
  expect(third.task.history.map(({ text }) => text)).toEqual(['newer', 'short']);
});

test('a task of an instance has no history, instructions or tools', async () => {
  await using world = await createAssistantFixture();
  const { task } = await world.send('hello');
  expect([task.history, task.instructions, task.tools]).toEqual([[], undefined, undefined]);
});

test('assistant.createTask returns ASSISTANT_NOT_RUNNING when iAgent is off or not running', async () => {
  await using world = await createFixture();
  const createTask = () => world.client.assistant.createTask.mutate({ message: 'x', requestId: randomUUID() });
  const refused = { data: { reason: 'ASSISTANT_NOT_RUNNING', httpStatus: 409 } };
  expect(await getRefusal(createTask())).toMatchObject(refused);
  expect(await world.client.assistant.status.query()).toMatchObject({ status: 'STOPPED', runningTasks: 0 });
  await world.app.newAssistant({ status: 'ERROR' });
  expect(await getRefusal(createTask())).toMatchObject(refused);
  await world.app.newAssistant({ bridgeUrl: world.bridge.url });
  await createTask();
  expect(await world.client.assistant.status.query()).toMatchObject({ status: 'RUNNING', runningTasks: 1 });
});

test('a session with iAgent is visible only to its owner, for every role', async () => {
  await using world = await createAssistantFixture();
  const { sessionId, taskId } = await ask(world, 'mine');
  const colleague = world.app.client(await world.app.newUser());
  const missing = { data: { reason: 'SESSION_NOT_FOUND' } };
  const continuation = colleague.assistant.createTask.mutate({ sessionId, message: 'x', requestId: randomUUID() });
  expect(await getRefusal(continuation)).toMatchObject(missing);
  expect(await getRefusal(colleague.session.messages.query({ sessionId }))).toMatchObject(missing);
  expect(await getRefusal(colleague.task.cancel.mutate({ taskId }))).toMatchObject({
    data: { reason: 'TASK_NOT_FOUND' },
  });
  expect((await colleague.assistant.sessions.query({})).items).toEqual([]);
  using events = follow(colleague, sessionId, '0');
  expect(await until(() => events.errors[0])).toMatchObject(missing);
});

test('a session cannot continue with another kind of agent', async () => {
  await using world = await createAssistantFixture();
  const { client, instance } = world;
  const ofInstance = await world.send('for the instance');
  const { sessionId } = await ask(world, 'for iAgent');
  const wrong = [
    client.assistant.createTask.mutate({ sessionId: ofInstance.sessionId, message: 'x', requestId: randomUUID() }),
    client.instance.createTask.mutate({ instanceId: instance.id, sessionId, message: 'x', requestId: randomUUID() }),
  ];
  for (const call of wrong) expect(await getRefusal(call)).toMatchObject({ data: { reason: 'SESSION_NOT_FOUND' } });
});

test('a viewer may create tasks of iAgent and cancel them, but not those of others', async () => {
  await using world = await createAssistantFixture();
  const client = world.app.client(await world.app.newUser({ role: 'viewer' }));
  const { taskId } = await ask({ ...world, client }, 'What can I see?');
  await client.task.cancel.mutate({ taskId });
  await until(() => world.bridge.cancelled.includes(taskId));
  const other = await ask(world, 'the owner’s');
  const refused = getRefusal(client.task.cancel.mutate({ taskId: other.taskId }));
  expect(await refused).toMatchObject({ data: { reason: 'FORBIDDEN' } });
});

test('a task of iAgent times out when iAgent is switched off meanwhile', async () => {
  await using world = await createAssistantFixture();
  const { sessionId, taskId } = await ask(world, 'still there?');
  await world.app.database.platform.assistant.deleteMany();
  await world.app.tenant.agentTask.update({ where: { id: taskId }, data: { deadline: new Date(0) } });
  await world.app.database.platform.dispatch.updateMany({ where: { taskId }, data: { due: new Date(0) } });
  using events = follow(world.client, sessionId, '0');
  expect(await events.next('error')).toMatchObject({ status: 'TIMED_OUT', reason: 'DEADLINE_EXCEEDED' });
});
