import { randomUUID } from 'node:crypto';
import { removeInaccessible } from '@it0/api/agent/attachment/remove-inaccessible';
import { deleteExpiredRows } from '@it0/api/retention/expired-rows';
import { toAuthHeaders } from '@it0/tests/support/app';
import { createFixture } from '@it0/tests/support/fixture';
import { getRefusal } from '@it0/tests/support/refusal';
import { until } from '@it0/tests/support/until';
import { createForm, upload } from '@it0/tests/support/upload';
import { expect, test } from 'vitest';

type World = Awaited<ReturnType<typeof createFixture>>;
const { signal } = new AbortController();

async function attach({ app, user }: World, name = 'a.txt') {
  const { body } = await upload(app.url, toAuthHeaders(user), createForm(name, 'content'));
  return body as { id: string };
}
const getText = async ({ client }: World, scope: { sessionId?: string; instanceId?: string }) =>
  (await client.draft.get.query(scope)).text;

test('a draft is saved for a session, and delivered with its messages to its owner only', async () => {
  await using world = await createFixture();
  const { client, app, instance } = world;
  const { sessionId } = await world.send();
  expect((await client.session.messages.query({ sessionId })).draft).toBe(null);
  const { id } = await attach(world);
  const saved = await client.draft.save.mutate({ sessionId, text: 'next', attachmentIds: [id], revision: 0 });
  expect(saved).toMatchObject({ other: null });
  const draft = { text: 'next', attachments: [{ id, name: 'a.txt' }], revision: saved.revision };
  expect(await client.draft.get.query({ sessionId })).toMatchObject(draft);
  expect((await client.session.messages.query({ sessionId })).draft).toMatchObject(draft);

  const colleague = app.client(await app.newUser());
  await client.instance.share.mutate({ instanceId: instance.id, with: { role: 'owner' } });
  expect((await colleague.session.messages.query({ sessionId })).draft).toBe(null);
  const notFound = { data: { reason: 'SESSION_NOT_FOUND' } };
  expect(await getRefusal(colleague.draft.get.query({ sessionId }))).toMatchObject(notFound);
});

test('new sessions of each agent have drafts of their own', async () => {
  await using world = await createFixture();
  const { client, app, user, bridge } = world;
  const other = await app.newInstance(user, { bridgeUrl: bridge.url });
  const scopes = [{ instanceId: world.instance.id }, { instanceId: other.id }, {}];
  for (const [index, scope] of scopes.entries())
    await client.draft.save.mutate({ ...scope, text: `text ${index}`, revision: 0 });
  expect(await Promise.all(scopes.map((scope) => getText(world, scope)))).toEqual(['text 0', 'text 1', 'text 2']);
  const stranger = app.client(await app.newUser());
  const notFound = { data: { reason: 'INSTANCE_NOT_FOUND' } };
  expect(await getRefusal(stranger.draft.get.query(scopes[0]!))).toMatchObject(notFound);
  expect(await stranger.draft.get.query({})).toEqual({ text: '', attachments: [], revision: 0 });
});

test('a save with an outdated revision changes nothing and returns the other text', async () => {
  await using world = await createFixture();
  const { client } = world;
  const { revision } = await client.draft.save.mutate({ text: 'one', revision: 0 });
  const next = await client.draft.save.mutate({ text: 'two', revision });
  expect(next.revision).toBeGreaterThan(revision);
  const refused = await client.draft.save.mutate({ text: 'three', revision });
  expect(refused).toEqual({
    revision: next.revision,
    other: { text: 'two', attachments: [], revision: next.revision },
  });
  expect(await getText(world, {})).toBe('two');
});

test('of concurrent saves of the same revision one is stored', async () => {
  await using world = await createFixture();
  const texts = ['a', 'b', 'c', 'd'];
  const saves = await Promise.all(texts.map((text) => world.client.draft.save.mutate({ text, revision: 0 })));
  const stored = texts[saves.findIndex(({ other }) => other === null)];
  expect(saves.filter(({ other }) => other === null)).toHaveLength(1);
  expect(await getText(world, {})).toBe(stored);
});

test('createTask deletes the draft that it sends in the same transaction, and no other text', async () => {
  await using world = await createFixture();
  const { client, instance, app } = world;
  const scope = { instanceId: instance.id };
  const { id } = await attach(world);
  const draft = { text: 'hello', attachmentIds: [id] };
  const { revision } = await client.draft.save.mutate({ ...scope, ...draft, revision: 0 });
  const request = { ...scope, message: 'hello', attachmentIds: [id], requestId: randomUUID(), draftRevision: revision };
  const { sessionId } = await client.instance.createTask.mutate(request);
  const empty = await client.draft.get.query(scope);
  expect(empty).toMatchObject({ text: '', attachments: [] });
  expect(empty.revision).toBeGreaterThan(revision);
  // The same text of a device that does not know of the message.
  expect((await client.draft.save.mutate({ ...scope, ...draft, revision })).other).toMatchObject({ text: '' });

  const { revision: first } = await client.draft.save.mutate({ sessionId, text: 'one', revision: 0 });
  await client.draft.save.mutate({ sessionId, text: 'two', revision: first });
  const next = { ...scope, sessionId, message: 'one', requestId: randomUUID(), draftRevision: first };
  await client.instance.createTask.mutate(next);
  expect(await getText(world, { sessionId })).toBe('two');
  // A repeated request deletes nothing that was written since.
  await client.draft.save.mutate({ ...scope, text: 'later', revision: empty.revision });
  await client.instance.createTask.mutate(request);
  expect(await getText(world, scope)).toBe('later');
  expect(await app.tenant.agentTask.count()).toBe(2);
});

test('a change of a draft is streamed to the same person only', async () => {
  await using world = await createFixture();
  const { app, user, client } = world;
  const { sessionId } = await world.send();
  const colleague = await app.newUser();
  const received: [string, string][] = [];
  const subscribe = (name: string, person: typeof user, scope: object) =>
    app.client(person).draft.onChange.subscribe(scope, { onData: ({ text }) => received.push([name, text]) });
  subscribe('phone', user, { sessionId });
  subscribe('new session', user, {});
  subscribe('colleague', colleague, {});
  await until(() => received.length === 3);
  await client.draft.save.mutate({ sessionId, text: 'hi', revision: 0 });
  await until(() => received.length === 4);
  await client.draft.save.mutate({ text: 'there', revision: 0 });
  await until(() => received.length === 5);
  expect(received.slice(3)).toEqual([
    ['phone', 'hi'],
    ['new session', 'there'],
  ]);
});

test('the files of a draft are stored for a week after its last save, and can be sent', async () => {
  await using world = await createFixture();
  const { app, client, instance, user } = world;
  const [saved, unsaved, foreign] = [await attach(world), await attach(world), await attach(world)];
  await client.draft.save.mutate({ text: '', attachmentIds: [saved.id], revision: 0 });
  // The draft of another person does not hold it.
  const other = app.client(await app.newUser());
  await other.draft.save.mutate({ text: 'x', attachmentIds: [foreign.id], revision: 0 });
  expect((await other.draft.get.query({})).attachments).toEqual([]);
  await app.tenant.attachment.updateMany({ data: { createdAt: new Date(Date.now() - 48 * 3_600_000) } });
  await removeInaccessible(app.services, signal);
  expect(await app.tenant.attachment.findMany({ select: { id: true } })).toEqual([{ id: saved.id }]);
  expect(unsaved.id).not.toBe(saved.id);

  const message = { instanceId: instance.id, message: 'x', requestId: randomUUID(), attachmentIds: [saved.id] };
  await client.instance.createTask.mutate(message);
  expect((await client.draft.get.query({})).attachments).toEqual([]);

  const old = await attach(world);
  const { revision } = await client.draft.get.query({});
  await client.draft.save.mutate({ text: '', attachmentIds: [old.id], revision });
  const weekAgo = new Date(Date.now() - 7.5 * 24 * 3_600_000);
  await app.tenant.attachment.updateMany({ where: { id: old.id }, data: { createdAt: weekAgo } });
  await app.tenant.draft.updateMany({ where: { ownerId: user.id }, data: { updatedAt: weekAgo } });
  expect((await client.draft.get.query({})).attachments).toEqual([]);
  await removeInaccessible(app.services, signal);
  expect(await app.tenant.attachment.count({ where: { id: old.id } })).toBe(0);
});

test('a draft is deleted with its session, its instance, its membership, and after 90 days', async () => {
  await using world = await createFixture();
  const { app, client, instance, user } = world;
  const { sessionId } = await world.send();
  const save = (scope: object) => client.draft.save.mutate({ ...scope, text: 'x', revision: 0 });
  const count = () => app.tenant.draft.count();
  for (const scope of [{ sessionId }, { instanceId: instance.id }, {}]) await save(scope);
  await client.session.delete.mutate({ sessionId });
  expect(await getRefusal(client.draft.get.query({ sessionId }))).toMatchObject({
    data: { reason: 'SESSION_NOT_FOUND' },
  });
  await app.tenant.agentSession.delete({ where: { id: sessionId } });
  expect(await count()).toBe(2);
  await app.tenant.draft.updateMany({
    where: { instanceId: null },
    data: { updatedAt: new Date(Date.now() - 91 * 24 * 3_600_000) },
  });
  await deleteExpiredRows(app.services, signal);
  expect(await count()).toBe(1);
  await app.tenant.agentInstance.delete({ where: { id: instance.id } });
  expect(await count()).toBe(0);
  await save({});
  await app.client(await app.newUser()).member.remove.mutate({ userId: user.id });
  expect(await count()).toBe(0);
});

test('of many drafts of a person the latest are stored, and a text has a limit', async () => {
  await using world = await createFixture();
  const { app, client, user } = world;
  const rows = Array.from({ length: 200 }, (_, index) => ({
    ...{ ownerId: user.id, scopeId: randomUUID(), text: `${index}`, attachmentIds: [], revision: 1 },
    updatedAt: new Date(Date.now() - 10_000 + index),
  }));
  await app.tenant.draft.createMany({ data: rows });
  await client.draft.save.mutate({ text: 'latest', revision: 0 });
  expect(await app.tenant.draft.count()).toBe(200);
  expect(await app.tenant.draft.count({ where: { text: '0' } })).toBe(0);
  expect(await getText(world, {})).toBe('latest');
  const long = client.draft.save.mutate({ text: 'x'.repeat(200_001), revision: 1 });
  expect(await getRefusal(long)).toMatchObject({ data: { reason: 'INVALID_INPUT' } });
});
