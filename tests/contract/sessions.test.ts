import { randomUUID } from 'node:crypto';
import { removeDeletedSessions } from '@it0/api/retention/deleted-sessions';
import { toExportUrl } from '@it0/contracts/export-path';
import { toAuthHeaders } from '@it0/tests/support/app';
import { createFixture } from '@it0/tests/support/fixture';
import { follow } from '@it0/tests/support/follow';
import { getRefusal } from '@it0/tests/support/refusal';
import { expect, test } from 'vitest';

const notFound = { data: { reason: 'SESSION_NOT_FOUND' } };

type World = Awaited<ReturnType<typeof createFixture>>;

async function listTitles({ client, instance }: World, list: 'active' | 'archived' | 'deleted' = 'active') {
  const { items } = await client.instance.sessions.query({ instanceId: instance.id, list, limit: 2 });
  return items.map(({ title }) => title);
}

/** Adds a member with whom the instance is shared. */
async function addViewer({ app, instance }: World) {
  const viewer = await app.newUser({ role: 'operator' });
  await app.tenant.instanceShare.create({ data: { id: randomUUID(), instanceId: instance.id, userId: viewer.id } });
  return app.client(viewer);
}

test('a session is renamed and pinned by its owner, before newer sessions and only for them', async () => {
  await using world = await createFixture();
  const { sessionId } = await world.send('oldest');
  await world.send('newer');
  await world.send('newest');
  const changed = await world.client.session.update.mutate({ sessionId, title: ' Disks of db-1 ', pinned: true });
  expect(changed).toMatchObject({ id: sessionId, title: 'Disks of db-1', pinned: true, archived: false });
  expect(await listTitles(world)).toEqual(['Disks of db-1', 'newest', 'newer']);

  const viewer = await addViewer(world);
  const { items } = await viewer.instance.sessions.query({ instanceId: world.instance.id });
  expect(items.map(({ title, pinned }) => [title, pinned])).toEqual([
    ['newest', false],
    ['newer', false],
    ['Disks of db-1', false],
  ]);
  expect(await getRefusal(viewer.session.update.mutate({ sessionId, title: 'Mine' }))).toMatchObject(notFound);
});

test('an archived session is in a list of its own, without its pin, until its next message', async () => {
  await using world = await createFixture();
  const { client, instance } = world;
  const { sessionId } = await world.send('old');
  await world.send('new');
  await client.session.update.mutate({ sessionId, pinned: true });
  await client.session.update.mutate({ sessionId, archived: true });
  expect([await listTitles(world), await listTitles(world, 'archived')]).toEqual([['new'], ['old']]);
  const message = { instanceId: instance.id, sessionId, message: 'again', requestId: randomUUID() };
  await client.instance.createTask.mutate(message);
  expect([await listTitles(world), await listTitles(world, 'archived')]).toEqual([['old', 'new'], []]);
});

test('a deleted session is hidden, its task is canceled, and its owner can restore it', async () => {
  await using world = await createFixture();
  const { client, bridge, instance } = world;
  const { sessionId, task } = await world.send('secret');
  const { taskId: queued } = await client.instance.createTask.mutate({
    ...{ instanceId: instance.id, sessionId, message: 'next', requestId: randomUUID() },
  });
  await client.session.delete.mutate({ sessionId });

  expect([await listTitles(world), await listTitles(world, 'deleted')]).toEqual([[], ['secret']]);
  expect(await getRefusal(client.session.messages.query({ sessionId }))).toMatchObject(notFound);
  const again = { instanceId: instance.id, sessionId, message: 'x', requestId: randomUUID() };
  expect(await getRefusal(client.instance.createTask.mutate(again))).toMatchObject(notFound);
  const viewer = await addViewer(world);
  expect(await viewer.instance.sessions.query({ instanceId: instance.id, list: 'deleted' })).toMatchObject({
    items: [],
  });
  expect(await getRefusal(viewer.session.restore.mutate({ sessionId }))).toMatchObject(notFound);

  expect(await client.session.restore.mutate({ sessionId })).toMatchObject({ deletedAt: null });
  expect(await listTitles(world)).toEqual(['secret']);
  const tasks = await world.app.tenant.agentTask.findMany({ where: { sessionId }, orderBy: { id: 'asc' } });
  expect(tasks.map(({ id, cancelRequestedAt }) => [id, cancelRequestedAt !== null])).toEqual([
    [task.taskId, true],
    [queued, true],
  ]);
  expect(tasks[1]).toMatchObject({ status: 'CANCELLED' });
  expect(bridge.tasks.map(({ message }) => message)).toEqual(['secret']);
});

test('a session is removed a week after its deletion, with everything that belongs to it', async () => {
  await using world = await createFixture();
  const { client, app } = world;
  const { sessionId: old } = await world.send('old');
  const { sessionId: recent } = await world.send('recent');
  const { sessionId: open } = await world.send('open');
  await client.session.markRead.mutate({ sessionId: old, seq: 1 });
  for (const sessionId of [old, recent]) await client.session.delete.mutate({ sessionId });
  const deletedAt = new Date(Date.now() - 8 * 24 * 3_600_000);
  await app.tenant.agentSession.update({ where: { id: old }, data: { deletedAt } });
  await removeDeletedSessions(app.services, new AbortController().signal);
  const sessions = await app.tenant.agentSession.findMany({ select: { id: true }, orderBy: { id: 'asc' } });
  expect(sessions.map(({ id }) => id)).toEqual([recent, open]);
  expect(await app.tenant.conversationMessage.count({ where: { sessionId: old } })).toBe(0);
  expect(await getRefusal(client.session.restore.mutate({ sessionId: old }))).toMatchObject(notFound);
});

test('a session is unread for a person after events that they have not read', async () => {
  await using world = await createFixture();
  const { client, bridge, instance } = world;
  const { sessionId, task } = await world.send('hello');
  const viewer = await addViewer(world);
  const isUnread = async (person: World['client']) =>
    (await person.instance.sessions.query({ instanceId: instance.id })).items[0]!.unread;
  expect([await isUnread(client), await isUnread(viewer)]).toEqual([false, false]);

  const { seq } = await client.session.messages.query({ sessionId });
  await client.session.markRead.mutate({ sessionId, seq });
  using events = follow(client, sessionId, '0');
  await bridge.report(task, { type: 'completed', text: 'done' });
  const completed = await events.next('completed');
  expect([await isUnread(client), await isUnread(viewer)]).toEqual([true, false]);

  await client.session.markRead.mutate({ sessionId, seq: completed.seq });
  await client.session.markRead.mutate({ sessionId, seq: 1 });
  expect(await isUnread(client)).toBe(false);
  await client.session.markRead.mutate({ sessionId, seq: 1_000_000 });
  await client.instance.createTask.mutate({
    ...{ instanceId: instance.id, sessionId, message: 'more', requestId: randomUUID() },
  });
  expect(await isUnread(client)).toBe(true);
});

test('a session is exported with its tool calls as Markdown and JSON, and only for its readers', async () => {
  await using world = await createFixture();
  const { app, client, bridge, user } = world;
  const { sessionId, task } = await world.send('# 磁盘/满了?\n\nWhy?');
  const call = { type: 'tool', callId: 'c1' } as const;
  const args = JSON.stringify({ command: 'df' });
  await bridge.report(
    task,
    { ...call, phase: 'start', name: 'exec', title: 'df', args, textOffset: 6 },
    { ...call, phase: 'end', status: 'completed', output: '```\n/ 99%\n', exitCode: 0 },
  );
  using events = follow(client, sessionId, '0');
  await bridge.report(task, { type: 'completed', text: 'Look: full.' });
  await events.next('completed');
  // More messages than one read has.
  for (let n = 0; n < 12; n++) {
    const next = await world.send(`more ${n}`, sessionId);
    await bridge.report(next.task, { type: 'completed', text: `answer ${n}` });
    await events.next('completed');
  }

  const download = async (format: 'markdown' | 'json', as = user) => {
    const url = `${app.url}${toExportUrl({ sessionId, format })}`;
    const response = await fetch(url, { headers: toAuthHeaders(as) });
    return { response, text: await response.text() };
  };
  const markdown = await download('markdown');
  expect(markdown.response.headers.get('content-disposition')).toContain(
    `filename*=UTF-8''${encodeURIComponent('磁盘 满了.md')}`,
  );
  expect(markdown.text).toMatch(/^# 磁盘\/满了\?\n\nWeb cluster · /);
  expect(markdown.text).toContain('````\n```\n/ 99%\n````\n\nfull.');
  expect([...markdown.text.matchAll(/^answer (\d+)$/gm)].map(([, n]) => Number(n))).toEqual([...Array(12).keys()]);

  const { messages, ...session } = JSON.parse((await download('json')).text);
  expect(session).toMatchObject({ id: sessionId, agentName: 'Web cluster' });
  expect(messages).toHaveLength(26);
  expect(messages[1]).toMatchObject({
    role: 'assistant',
    status: 'COMPLETED',
    parts: [{}, { output: '```\n/ 99%\n' }, {}],
  });
  const stranger = await app.newUser();
  expect((await download('json', stranger)).response.status).toBe(404);
});
