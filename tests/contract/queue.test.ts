import { randomUUID } from 'node:crypto';
import { openChat, reduceChat } from '@it0/client/reduce-chat';
import type { KeyScope } from '@it0/contracts/permissions';
import { toAuthHeaders } from '@it0/tests/support/app';
import { createFixture } from '@it0/tests/support/fixture';
import { follow } from '@it0/tests/support/follow';
import { getRefusal } from '@it0/tests/support/refusal';
import { until } from '@it0/tests/support/until';
import { createForm, upload } from '@it0/tests/support/upload';
import { expect, test } from 'vitest';

type World = Awaited<ReturnType<typeof createFixture>>;

/** Creates a session with a running task and messages that wait behind it. */
async function createQueue(world: World, ...messages: string[]) {
  const { client, instance } = world;
  const { sessionId, taskId: running, task } = await world.send('first');
  const enqueue = async (message: string, attachmentIds?: string[]) => {
    const input = { instanceId: instance.id, sessionId, message, attachmentIds, requestId: randomUUID() };
    return (await client.instance.createTask.mutate(input)).taskId;
  };
  const ids: string[] = [];
  for (const message of messages) ids.push(await enqueue(message));
  return { sessionId, running, task, ids, enqueue };
}

/** Returns the messages of the session in their order. */
async function listTexts({ client }: World, sessionId: string) {
  const { messages } = await client.session.messages.query({ sessionId });
  return messages.flatMap(({ role, parts }) => (role === 'user' && parts[0]?.type === 'text' ? parts[0].text : []));
}

/** Completes all tasks, and returns their messages in the order in which the bridge got them. */
async function runAll({ bridge }: World, count: number) {
  for (let index = 0; index < count; index++) {
    await until(() => bridge.tasks.length > index);
    await bridge.report(bridge.tasks[index]!, { type: 'completed', text: 'done' });
  }
  return bridge.tasks.map(({ message }) => message);
}

async function attach({ app, user }: World, name: string): Promise<string> {
  return (await upload(app.url, toAuthHeaders(user), createForm(name, 'content'))).body.id;
}

const refusedBy = (reason: string) => ({ data: { reason } });

test('messages that wait are moved, and sent in their new order', async () => {
  await using world = await createFixture();
  const { client } = world;
  const { sessionId, ids } = await createQueue(world, 'a', 'b', 'c', 'd');
  const [a, b, c, d] = ids as [string, string, string, string];
  await client.queue.move.mutate({ taskId: d, beforeTaskId: b });
  expect(await listTexts(world, sessionId)).toEqual(['first', 'a', 'd', 'b', 'c']);
  await client.queue.move.mutate({ taskId: a, beforeTaskId: null });
  await client.queue.move.mutate({ taskId: c, beforeTaskId: c });
  await client.queue.move.mutate({ taskId: b, beforeTaskId: c });
  expect(await listTexts(world, sessionId)).toEqual(['first', 'd', 'b', 'c', 'a']);
  expect(await runAll(world, 5)).toEqual(['first', 'd', 'b', 'c', 'a']);
  const { messages } = await client.session.messages.query({ sessionId });
  expect(messages.map(({ role }) => role)).toEqual(Array(5).fill(['user', 'assistant']).flat());
});

test('a message that waits is edited, with its files, and the agent gets the new ones', async () => {
  await using world = await createFixture();
  const { client, bridge, app } = world;
  const { sessionId, task, enqueue } = await createQueue(world);
  const [one, two, three] = [
    await attach(world, 'one.txt'),
    await attach(world, 'two.txt'),
    await attach(world, 'three.txt'),
  ];
  const taskId = await enqueue('restart ngnix', [one, two]);
  const last = await enqueue('last');
  await client.queue.edit.mutate({ taskId, message: 'restart nginx', attachmentIds: [three, two] });
  expect(await listTexts(world, sessionId)).toEqual(['first', 'restart nginx', 'last']);
  const find = async (query: string) => (await client.session.search.query({ query })).matches.length;
  expect([await find('nginx'), await find('ngnix')]).toEqual([1, 0]);
  await bridge.report(task, { type: 'completed', text: 'done' });
  const sent = await bridge.task('restart nginx');
  expect(sent.attachments?.map(({ name }) => name)).toEqual(['three.txt', 'two.txt']);
  expect(await app.tenant.attachment.findUnique({ where: { id: one } })).toMatchObject({
    taskId: null,
    sessionId: null,
  });
  expect(await getRefusal(client.queue.move.mutate({ taskId, beforeTaskId: last }))).toMatchObject(
    refusedBy('TASK_STARTED'),
  );
});

test('a message that has started or ended can no longer be changed, and those of other people never', async () => {
  await using world = await createFixture();
  const { client, app, instance, bridge } = world;
  const { sessionId, running, task, ids } = await createQueue(world, 'next');
  const edit = { message: 'x', attachmentIds: [] };
  expect(await getRefusal(client.queue.edit.mutate({ ...edit, taskId: running }))).toMatchObject(
    refusedBy('TASK_STARTED'),
  );
  await client.instance.share.mutate({ instanceId: instance.id, with: { role: 'owner' } });
  const colleague = app.client(await app.newUser());
  for (const call of [
    colleague.queue.edit.mutate({ ...edit, taskId: ids[0]! }),
    colleague.queue.move.mutate({ taskId: ids[0]!, beforeTaskId: null }),
    colleague.queue.sendNow.mutate({ taskId: ids[0]! }),
  ])
    expect(await getRefusal(call)).toMatchObject(refusedBy('TASK_NOT_FOUND'));
  const old = await attach(world, 'old.txt');
  const createdAt = new Date(Date.now() - 25 * 3_600_000);
  await app.tenant.attachment.update({ where: { id: old }, data: { createdAt } });
  const foreign = await upload(app.url, toAuthHeaders(await app.newUser()), createForm('x.txt', 'x'));
  for (const id of [foreign.body.id, old]) {
    const withFile = client.queue.edit.mutate({ ...edit, taskId: ids[0]!, attachmentIds: [id] });
    expect(await getRefusal(withFile)).toMatchObject(refusedBy('ATTACHMENT_NOT_FOUND'));
  }
  await bridge.report(task, { type: 'completed', text: 'done' });
  await bridge.report(await bridge.task('next'), { type: 'completed', text: 'done' });
  expect(await getRefusal(client.queue.edit.mutate({ ...edit, taskId: ids[0]! }))).toMatchObject(
    refusedBy('TASK_ENDED'),
  );
  expect(await listTexts(world, sessionId)).toEqual(['first', 'next']);
});

test('a message that waits is changed only with the permission to write to its agent now', async () => {
  await using world = await createFixture();
  const { app, client, user } = world;
  const { sessionId, ids } = await createQueue(world, 'a', 'b');
  const { key } = await client.apiKey.create.mutate({ name: 'k', scopes: ['assistant:use', 'session:stop'], days: 1 });
  const demote = async () => {
    await app.database.platform.member.updateMany({ where: { userId: user.id }, data: { role: 'viewer' } });
    return client;
  };
  for (const getClient of [() => app.client({ apiKey: key }), demote]) {
    const as = await getClient();
    for (const call of [
      as.queue.edit.mutate({ taskId: ids[0]!, message: 'x', attachmentIds: [] }),
      as.queue.move.mutate({ taskId: ids[1]!, beforeTaskId: ids[0]! }),
      as.queue.sendNow.mutate({ taskId: ids[1]! }),
    ])
      expect(await getRefusal(call)).toMatchObject(refusedBy('FORBIDDEN'));
  }
  expect(await listTexts(world, sessionId)).toEqual(['first', 'a', 'b']);
});

test('a message that waits is not counted as a running task of its agent', async () => {
  await using world = await createFixture();
  await createQueue(world, 'a', 'b');
  expect(await world.client.instance.list.query()).toMatchObject([{ runningTasks: 1 }]);
  await world.send('in another session');
  expect(await world.client.instance.list.query()).toMatchObject([{ runningTasks: 2 }]);
});

test('sendNow cancels the running task, and sends the message before the others', async () => {
  await using world = await createFixture();
  const { client, bridge } = world;
  const { sessionId, running, task, ids } = await createQueue(world, 'a', 'b');
  await bridge.report(task, { type: 'task', status: 'RUNNING' });
  await client.queue.sendNow.mutate({ taskId: ids[1]! });
  await until(() => bridge.cancelled.includes(running));
  const end = { status: 'CANCELLED', reason: 'CANCELLED_BY_USER', text: 'half' } as const;
  await bridge.report(task, { type: 'error', ...end });
  await bridge.task('b');
  expect(await listTexts(world, sessionId)).toEqual(['first', 'b', 'a']);
});

test('sendNow without the permission to cancel changes nothing', async () => {
  await using world = await createFixture();
  const { app, client, bridge } = world;
  const { sessionId, ids, task } = await createQueue(world, 'a', 'b');
  const scopes: KeyScope[] = ['session:read', 'instance:use'];
  const { key } = await client.apiKey.create.mutate({ name: 'key', scopes, days: 1 });
  const withKey = app.client({ apiKey: key });
  expect(await getRefusal(withKey.queue.sendNow.mutate({ taskId: ids[1]! }))).toMatchObject(refusedBy('FORBIDDEN'));
  expect(await listTexts(world, sessionId)).toEqual(['first', 'a', 'b']);
  await bridge.report(task, { type: 'completed', text: 'done' });
  await bridge.task('a');
});

test('a message that was removed from the queue can be sent again with its files', async () => {
  await using world = await createFixture();
  const { client, bridge } = world;
  const { sessionId, task, enqueue } = await createQueue(world);
  const file = await attach(world, 'a.txt');
  const removed = await enqueue('with a file', [file]);
  await client.task.cancel.mutate({ taskId: removed });
  const { messages } = await client.session.messages.query({ sessionId });
  expect(messages.at(-1)).toMatchObject({ taskId: removed, status: 'CANCELLED', reason: 'WITHDRAWN' });
  await enqueue('with a file', [file]);
  await bridge.report(task, { type: 'completed', text: 'done' });
  const sent = await bridge.task('with a file');
  expect(sent.attachments).toMatchObject([{ id: file }]);
  expect(await getRefusal(enqueue('again', [file]))).toMatchObject(refusedBy('ATTACHMENT_NOT_FOUND'));
  expect(await listTexts(world, sessionId)).toEqual(['first', 'with a file', 'with a file']);
});

test('a client that follows the session has the same messages as one that opens it after the changes', async () => {
  await using world = await createFixture();
  const { client } = world;
  const { sessionId, ids } = await createQueue(world, 'a', 'b', 'c');
  const before = await client.session.messages.query({ sessionId });
  using events = follow(client, sessionId, String(before.seq));
  await client.queue.edit.mutate({ taskId: ids[0]!, message: 'changed', attachmentIds: [] });
  await client.queue.move.mutate({ taskId: ids[2]!, beforeTaskId: ids[0]! });
  const after = await client.session.messages.query({ sessionId });
  await until(() => events.events().some((event) => 'seq' in event && event.seq === after.seq));
  const followed = reduceChat(openChat(before), events.events());
  const opened = openChat(after);
  expect(followed.turns.map(({ message }) => message?.text)).toEqual(['first', 'c', 'changed', 'b']);
  expect(followed.turns.map(({ taskId, message }) => [taskId, message])).toEqual(
    opened.turns.map(({ taskId, message }) => [taskId, message]),
  );
});

test('concurrent moves and edits leave each message once, and none runs beside another', async () => {
  await using world = await createFixture();
  const { client, bridge, app } = world;
  const { sessionId, ids, task } = await createQueue(world, 'a', 'b', 'c', 'd');
  const changes = ids.flatMap((taskId, index) => [
    client.queue.move.mutate({ taskId, beforeTaskId: ids[(index + 2) % 4]! }),
    client.queue.edit.mutate({ taskId, message: `${index} edited`, attachmentIds: [] }),
  ]);
  const ending = bridge.report(task, { type: 'completed', text: 'done' });
  const refusals = (await Promise.allSettled(changes)).filter(({ status }) => status === 'rejected');
  await ending;
  for (const refusal of refusals) expect(refusal).toMatchObject({ reason: { data: { reason: 'TASK_STARTED' } } });
  for (let index = 1; index < 5; index++) {
    await until(() => bridge.tasks.length > index);
    const open = await app.tenant.agentTask.count({ where: { status: { in: ['DISPATCHED', 'RUNNING'] } } });
    expect(open).toBeLessThanOrEqual(1);
    await bridge.report(bridge.tasks[index]!, { type: 'completed', text: 'done' });
  }
  const sent = bridge.tasks.map(({ message }) => message);
  expect(new Set(sent).size).toBe(5);
  expect(await listTexts(world, sessionId)).toEqual(sent);
});
