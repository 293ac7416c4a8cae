import { randomUUID } from 'node:crypto';
import { toExportUrl } from '@it0/contracts/export-path';
import { joinText } from '@it0/contracts/join-text';
import type { ExportSession } from '@it0/contracts/session-export';
import { toAuthHeaders } from '@it0/tests/support/app';
import { approvalReport } from '@it0/tests/support/approval';
import { createFixture } from '@it0/tests/support/fixture';
import { follow } from '@it0/tests/support/follow';
import { getRefusal } from '@it0/tests/support/refusal';
import { until } from '@it0/tests/support/until';
import { expect, test } from 'vitest';

type World = Awaited<ReturnType<typeof createFixture>>;
type Target = { sessionId?: string; versionOf?: string; branch?: number };

/** Sends a message, and completes it with a reply. */
async function ask({ client, bridge, instance }: World, message: string, target: Target = {}) {
  const input = { instanceId: instance.id, message, requestId: randomUUID(), ...target };
  const created = await client.instance.createTask.mutate(input);
  const task = await bridge.task(message);
  await bridge.report(task, { type: 'completed', text: `re ${message}` });
  return { ...created, task };
}

/** Creates a session with the messages a, b and c. */
async function createSession(world: World) {
  const a = await ask(world, 'a');
  const { sessionId } = a;
  const b = await ask(world, 'b', { sessionId });
  const c = await ask(world, 'c', { sessionId });
  return { sessionId, a, b, c };
}

type Page = Parameters<World['client']['session']['messages']['query']>[0];

/** Reads a page as the texts of its messages. */
async function read({ client }: Pick<World, 'client'>, page: Page) {
  const history = await client.session.messages.query(page);
  return { ...history, texts: history.messages.map(({ parts }) => joinText(parts)) };
}

test('another version of a message follows the same messages, and both remain', async () => {
  await using world = await createFixture();
  const { sessionId, a, b, c } = await createSession(world);
  using events = follow(world.client, sessionId, '0');
  const b2 = await ask(world, 'b2', { sessionId, versionOf: b.taskId });
  expect(b2.branch).toBe(1);
  await ask(world, 'd', { sessionId });
  const b3 = await ask(world, 'b3', { sessionId, versionOf: b2.taskId });

  expect(await read(world, { sessionId })).toMatchObject({
    ...{ branch: 2, selectedBranch: 2, texts: ['a', 're a', 'b3', 're b3'] },
    messages: [
      { versions: null },
      { versions: null },
      { taskId: b3.taskId, versions: [b.taskId, b2.taskId, b3.taskId] },
      { versions: null },
    ],
  });
  expect(await read(world, { sessionId, branch: 1 })).toMatchObject({
    ...{ branch: 1, selectedBranch: 2, texts: ['a', 're a', 'b2', 're b2', 'd', 're d'] },
  });
  expect((await read(world, { sessionId, branch: 0 })).texts).toEqual(['a', 're a', 'b', 're b', 'c', 're c']);
  expect((await read(world, { sessionId, branch: 99 })).branch).toBe(2);

  const messages = await until(() => {
    const found = events.durable().filter((event) => event.type === 'message');
    return found.length === 6 && found;
  });
  expect(messages.slice(3)).toMatchObject([
    { text: 'b2', branch: 1, versionOf: b.taskId },
    { text: 'd', branch: 1 },
    { text: 'b3', branch: 2, versionOf: b.taskId },
  ]);
  expect(messages[4]).not.toHaveProperty('versionOf');

  // A branch of a branch, and another version of the first message.
  const d2 = await ask(world, 'a2', { sessionId, versionOf: a.taskId });
  expect(await read(world, { sessionId })).toMatchObject({ branch: 3, texts: ['a2', 're a2'] });
  const c2 = await ask(world, 'c2', { sessionId, versionOf: c.taskId });
  expect([d2.branch, c2.branch]).toEqual([3, 4]);
  expect((await read(world, { sessionId })).texts).toEqual(['a', 're a', 'b', 're b', 'c2', 're c2']);
});

test('the pages of a branch continue over its beginning, in both directions', async () => {
  await using world = await createFixture();
  const { sessionId, b } = await createSession(world);
  await ask(world, 'b2', { sessionId, versionOf: b.taskId });
  await ask(world, 'd', { sessionId });
  const latest = await read(world, { sessionId, limit: 3 });
  expect(latest).toMatchObject({ texts: ['d', 're d'], newerCursor: null });
  const older = await read(world, { sessionId, cursor: latest.nextCursor!, limit: 2 });
  expect(older).toMatchObject({ texts: ['b2', 're b2'] });
  const oldest = await read(world, { sessionId, cursor: older.nextCursor!, limit: 3 });
  expect(oldest).toMatchObject({ texts: ['a', 're a'], nextCursor: null });
  const newer = await read(world, { sessionId, cursor: oldest.newerCursor!, direction: 'newer', limit: 3 });
  expect(newer).toMatchObject({ texts: ['b2', 're b2', 'd'] });
  expect(await read(world, { sessionId, at: new Date(0).toISOString(), limit: 4 })).toMatchObject({
    texts: ['a', 're a', 'b2'],
  });
});

test('a message of another branch is found with the latest branch that has it, the selected one first', async () => {
  await using world = await createFixture();
  const { sessionId, a, b, c } = await createSession(world);
  const b2 = await ask(world, 'b2', { sessionId, versionOf: b.taskId });
  expect(await read(world, { sessionId, around: c.taskId })).toMatchObject({
    ...{ branch: 0, anchor: c.taskId, texts: ['a', 're a', 'b', 're b', 'c', 're c'] },
  });
  expect(await read(world, { sessionId, around: a.taskId })).toMatchObject({ branch: 1, anchor: a.taskId });
  expect(await read(world, { sessionId, branchOf: b.taskId })).toMatchObject({ branch: 0, anchor: null });
  expect(await read(world, { sessionId, branch: 0, around: b2.taskId })).toMatchObject({ branch: 0, anchor: null });
  await ask(world, 'c2', { sessionId, versionOf: c.taskId });
  await ask(world, 'd', { sessionId, branch: 0 });
  await ask(world, 'e', { sessionId, branch: 1 });
  expect(await read(world, { sessionId, branchOf: b.taskId })).toMatchObject({ branch: 0, selectedBranch: 1 });
});

test('a message continues the branch that it names, which is selected from then on', async () => {
  await using world = await createFixture();
  const { sessionId, b } = await createSession(world);
  await ask(world, 'b2', { sessionId, versionOf: b.taskId });
  const d = await ask(world, 'd', { sessionId, branch: 0 });
  expect(d.branch).toBe(0);
  expect(await read(world, { sessionId })).toMatchObject({
    ...{ branch: 0, selectedBranch: 0, texts: ['a', 're a', 'b', 're b', 'c', 're c', 'd', 're d'] },
  });
  const input = { instanceId: world.instance.id, sessionId, message: 'x', requestId: randomUUID() };
  expect(await getRefusal(world.client.instance.createTask.mutate({ ...input, branch: 2 }))).toMatchObject({
    data: { reason: 'SESSION_NOT_FOUND' },
  });
});

test('a repeated request for another version returns the original task', async () => {
  await using world = await createFixture();
  const { sessionId, b } = await createSession(world);
  const input = { instanceId: world.instance.id, sessionId, message: 'b2', requestId: randomUUID() };
  const send = () => world.client.instance.createTask.mutate({ ...input, versionOf: b.taskId });
  const first = await send();
  expect(await send()).toEqual(first);
  expect(await world.app.tenant.sessionBranch.count()).toBe(1);
});

test('another version needs a message of the session, of the same person and agent', async () => {
  await using world = await createFixture();
  const { sessionId, b } = await createSession(world);
  const other = await ask(world, 'other');
  const input = { instanceId: world.instance.id, message: 'x', requestId: randomUUID() };
  const notFound = { data: { reason: 'TASK_NOT_FOUND' } };
  const { createTask } = world.client.instance;
  expect(await getRefusal(createTask.mutate({ ...input, versionOf: b.taskId }))).toMatchObject(notFound);
  expect(await getRefusal(createTask.mutate({ ...input, sessionId, versionOf: other.taskId }))).toMatchObject(notFound);
  expect(await getRefusal(createTask.mutate({ ...input, sessionId, versionOf: randomUUID() }))).toMatchObject(notFound);

  const colleague = await world.app.newUser({ role: 'operator' });
  const share = { id: randomUUID(), instanceId: world.instance.id, userId: colleague.id };
  await world.app.tenant.instanceShare.create({ data: share });
  const theirs = world.app.client(colleague).instance.createTask;
  expect(await getRefusal(theirs.mutate({ ...input, sessionId, versionOf: b.taskId }))).toMatchObject(notFound);
  expect(await world.app.tenant.sessionBranch.count()).toBe(0);
});

test('the owner selects a branch for all readers, with one event', async () => {
  await using world = await createFixture();
  const { sessionId, b, c } = await createSession(world);
  const b2 = await ask(world, 'b2', { sessionId, versionOf: b.taskId });
  const { seq } = await world.client.session.messages.query({ sessionId });
  using events = follow(world.client, sessionId, String(seq));
  const { selectBranch } = world.client.session;
  expect(await selectBranch.mutate({ sessionId, taskId: b.taskId })).toEqual({ branch: 0 });
  expect(await events.next('branch')).toMatchObject({ seq: seq + 1, branch: 0, taskId: b.taskId });
  expect(await read(world, { sessionId })).toMatchObject({ selectedBranch: 0, texts: expect.arrayContaining(['c']) });
  // It is selected already.
  await selectBranch.mutate({ sessionId, taskId: c.taskId });
  expect((await world.client.session.messages.query({ sessionId })).seq).toBe(seq + 1);
  await selectBranch.mutate({ sessionId, taskId: b2.taskId });
  expect((await ask(world, 'd', { sessionId })).branch).toBe(1);
});

test('a task of another branch continues, its approval is listed, and the new version waits for it', async () => {
  await using world = await createFixture();
  const { client, bridge, instance } = world;
  const { sessionId, task } = await world.send('first');
  const report = approvalReport({ command: 'rm', allowedDecisions: ['allow-once', 'deny'] });
  await bridge.report(task, report);
  const input = { instanceId: instance.id, sessionId, message: 'second', requestId: randomUUID() };
  const { taskId } = await client.instance.createTask.mutate({ ...input, versionOf: task.taskId });
  expect(await read(world, { sessionId })).toMatchObject({
    ...{ texts: ['second'], replies: [{ taskId, status: 'QUEUED' }] },
    otherReplies: [{ taskId: task.taskId, status: 'WAITING_APPROVAL', steps: [{ status: 'PENDING' }] }],
  });
  expect((await client.approval.pending.query()).approvals).toMatchObject([{ sessionId, taskId: task.taskId }]);
  expect(bridge.tasks.map(({ message }) => message)).toEqual(['first']);
  await bridge.report(task, { type: 'completed', text: 'done' });
  expect(await bridge.task('second')).toMatchObject({ taskId });
  expect((await read(world, { sessionId, branchOf: task.taskId })).texts).toEqual(['first', 'done']);
});

test('a branch is a conversation of its own in the engine, which begins with what precedes it', async () => {
  await using world = await createFixture();
  const { bridge } = world;
  const a = await ask(world, 'a');
  const { sessionId } = a;
  const { task } = await world.send('b', sessionId);
  await bridge.report(
    task,
    { type: 'tool', phase: 'start', callId: '1', name: 'run_command', title: 'df -h', args: '{}', textOffset: 0 },
    { type: 'tool', phase: 'end', callId: '1', status: 'completed', output: '99%' },
    { type: 'completed', text: 're b' },
  );
  const c = await ask(world, 'c', { sessionId });
  expect(c.task).toMatchObject({ sessionKey: `it0:${sessionId}`, history: [] });
  const c2 = await ask(world, 'c2', { sessionId, versionOf: c.taskId });
  const history = [
    { role: 'user', text: 'a' },
    { role: 'assistant', text: 're a' },
    { role: 'user', text: 'b' },
    { role: 'assistant', text: 're b\n\n(Tool calls, which are done:\n- df -h (completed))' },
  ];
  expect(c2.task).toMatchObject({ sessionKey: `it0:${sessionId}:1`, history });
  const d = await ask(world, 'd', { sessionId });
  expect(d.task.sessionKey).toBe(`it0:${sessionId}:1`);
  expect(d.task.history).toEqual([...history, { role: 'user', text: 'c2' }, { role: 'assistant', text: 're c2' }]);
  const a2 = await ask(world, 'a2', { sessionId, versionOf: a.taskId });
  expect(a2.task).toMatchObject({ sessionKey: `it0:${sessionId}:2`, history: [] });
});

test('iAgent gets the messages of the branch, and no others', async () => {
  await using world = await createFixture();
  const { app, bridge, client } = world;
  await app.newAssistant({ bridgeUrl: bridge.url });
  const ask = async (message: string, target: Target = {}) => {
    const created = await client.assistant.createTask.mutate({ message, requestId: randomUUID(), ...target });
    const task = await bridge.task(message);
    await bridge.report(task, { type: 'completed', text: `re ${message}` });
    return { ...created, task };
  };
  const { sessionId } = await ask('a');
  const b = await ask('b', { sessionId });
  await ask('c', { sessionId });
  const b2 = await ask('b2', { sessionId, versionOf: b.taskId });
  expect(b2.task.history.map(({ text }) => text)).toEqual(['a', 're a']);
  const d = await ask('d', { sessionId });
  expect(d.task.history.map(({ text }) => text)).toEqual(['a', 're a', 'b2', 're b2']);
  expect(d.task.sessionKey).toBe(b2.task.sessionKey);
  const e = await ask('e', { sessionId, branch: 0 });
  expect(e.task.history.map(({ text }) => text)).toEqual(['a', 're a', 'b', 're b', 'c', 're c']);
});

test('the history of a message that was moved in the queue has the messages that are before it now', async () => {
  await using world = await createFixture();
  const { app, bridge, client } = world;
  await app.newAssistant({ bridgeUrl: bridge.url });
  const send = (message: string, target: Target = {}) =>
    client.assistant.createTask.mutate({ message, requestId: randomUUID(), ...target });
  const { sessionId } = await send('a');
  const a = await bridge.task('a');
  const b = await send('b', { sessionId });
  const c = await send('c', { sessionId });
  const b2 = await send('b2', { sessionId, versionOf: b.taskId });
  await client.queue.move.mutate({ taskId: c.taskId, beforeTaskId: b.taskId });
  expect(await read(world, { sessionId })).toMatchObject({
    ...{ texts: ['a', 'b2'], replies: [{ taskId: a.taskId }, { taskId: b2.taskId }] },
    otherReplies: [{ taskId: b.taskId }, { taskId: c.taskId }],
  });
  const histories: string[][] = [];
  for (const message of ['a', 'c', 'b', 'b2']) {
    const task = await bridge.task(message);
    histories.push(task.history.map(({ text }) => text));
    await bridge.report(task, { type: 'completed', text: `re ${message}` });
  }
  expect(histories).toEqual([[], ['a', 're a'], ['a', 're a', 'c', 're c'], ['a', 're a']]);
});

const download = async ({ app, user }: World, target: ExportSession) =>
  (await fetch(`${app.url}${toExportUrl(target)}`, { headers: toAuthHeaders(user) })).text();

test('an export has the selected branch as Markdown, and all branches with the parents of their messages as JSON', async () => {
  await using world = await createFixture();
  const { sessionId, a, b, c } = await createSession(world);
  const b2 = await ask(world, 'b2', { sessionId, versionOf: b.taskId });
  const a2 = await ask(world, 'a2', { sessionId, versionOf: a.taskId });
  await world.client.session.selectBranch.mutate({ sessionId, taskId: b2.taskId });
  const markdown = await download(world, { sessionId, format: 'markdown' });
  expect([...markdown.matchAll(/^(?:re )?\w\d?$/gm)].map(([line]) => line)).toEqual(['a', 're a', 'b2', 're b2']);
  const { messages, selectedBranch } = JSON.parse(await download(world, { sessionId, format: 'json' }));
  expect(selectedBranch).toBe(1);
  const parents = messages.map((message: Record<string, unknown>) => [
    ...[message.role, message.branch, message.taskId, message.parentTaskId],
  ]);
  const pair = (branch: number, { taskId }: { taskId: string }, parent: { taskId: string } | null) =>
    ['user', 'assistant'].map((role) => [role, branch, taskId, parent?.taskId ?? null]);
  expect(parents).toEqual([
    ...[...pair(0, a, null), ...pair(0, b, a), ...pair(0, c, b)],
    ...[...pair(1, b2, a), ...pair(2, a2, null)],
  ]);
});

test('an export has the parent of a message that was moved before the one that began its branch', async () => {
  await using world = await createFixture();
  const { client, instance } = world;
  const { sessionId, a, b, c } = await createSession(world);
  await world.send('running', sessionId);
  const send = (message: string, target: Target) =>
    client.instance.createTask.mutate({
      instanceId: instance.id,
      sessionId,
      message,
      requestId: randomUUID(),
      ...target,
    });
  const b2 = await send('b2', { versionOf: b.taskId });
  const d = await send('d', { branch: b2.branch });
  await client.queue.move.mutate({ taskId: d.taskId, beforeTaskId: b2.taskId });
  const { messages } = JSON.parse(await download(world, { sessionId, format: 'json' }));
  const parents = new Map(messages.map((message: Record<string, string>) => [message.taskId, message.parentTaskId]));
  expect([c, d, b2].map(({ taskId }) => parents.get(taskId))).toEqual([b.taskId, a.taskId, d.taskId]);
});

test('a search finds messages of all branches, and its result opens theirs', async () => {
  await using world = await createFixture();
  const { sessionId, b } = await createSession(world);
  await ask(world, 'b2', { sessionId, versionOf: b.taskId });
  const { matches } = await world.client.session.search.query({ query: 'c' });
  const found = matches.find(({ snippet }) => snippet.map(({ text }) => text).join('') === 'c');
  const { texts, anchor } = await read(world, { sessionId, around: found!.messageId! });
  expect([texts.at(-2), anchor]).toEqual(['c', expect.any(String)]);
});
