import { randomUUID } from 'node:crypto';
import { indexMissing } from '@it0/api/agent/search/index-missing';
import { createFixture } from '@it0/tests/support/fixture';
import { follow } from '@it0/tests/support/follow';
import { expect, test } from 'vitest';

type World = Awaited<ReturnType<typeof createFixture>>;

/** Sends a message, and reports the reply, with a tool call if it has an output. */
async function converse(world: World, message: string, reply: string, { output = '', sessionId = '' } = {}) {
  const sent = await world.send(message, sessionId || undefined);
  const call = { type: 'tool', callId: 'c1' } as const;
  if (output) {
    await world.bridge.report(
      sent.task,
      { ...call, phase: 'start', name: 'exec', title: 'run', textOffset: 0 },
      { ...call, phase: 'end', status: 'completed', output },
    );
  }
  using events = follow(world.client, sent.sessionId, '0');
  await world.bridge.report(sent.task, { type: 'completed', text: reply });
  await events.next('completed');
  return sent;
}

type Client = World['client'];
type Search = Parameters<Client['session']['search']['query']>[0];

/** Searches, and returns the snippets with their matches in brackets. */
const search = async (client: Client, query: string, options: Omit<Search, 'query'> = {}) =>
  (await client.session.search.query({ query, ...options })).matches.map(({ snippet }) =>
    snippet.map(({ text, match }) => (match ? `[${text}]` : text)).join(''),
  );

test('a search finds messages, outputs of tools and titles, in Chinese and by the beginning of words', async () => {
  await using world = await createFixture();
  const { client } = world;
  await converse(world, 'How full is db-1?', '数据库的磁盘空间已满。', { output: 'Filesystem /dev/ｓｄａ１ 99%' });
  await converse(world, 'restart Nginx', 'Nginx is running again.');
  expect(await search(client, '磁盘')).toEqual([expect.stringContaining('数据库的[磁盘]空间已满。')]);
  expect(await search(client, '盘空')).toHaveLength(1);
  expect(await search(client, '满')).toHaveLength(1);
  expect(await search(client, '磁盘已满')).toEqual([]);
  expect(await search(client, 'SDA1 磁盘')).toHaveLength(1);
  expect(await search(client, 'ngi')).toEqual(['[Ngi]nx is running again.', 'restart [Ngi]nx', 'restart [Ngi]nx']);
  expect(await search(client, 'ginx')).toEqual([]);
  expect(await search(client, 'files', { limit: 1 })).toHaveLength(1);
  expect(await client.session.search.query({ query: 'nginx', limit: 2 })).toMatchObject({ more: true });
});

test('a match names its message, session and agent, so that it can be opened', async () => {
  await using world = await createFixture();
  const { client, instance } = world;
  const { sessionId, taskId } = await converse(world, 'hello', 'the needle');
  const { matches } = await client.session.search.query({ query: 'needle' });
  expect(matches).toMatchObject([
    { sessionId, messageId: taskId, instanceId: instance.id, instanceName: 'Web cluster', title: 'hello' },
  ]);
  expect(await client.session.messages.query({ sessionId, around: matches[0]!.messageId! })).toBeTruthy();
  expect(await search(client, 'needle', { agent: 'assistant' })).toEqual([]);
  expect(await search(client, 'needle', { agent: instance.id })).toHaveLength(1);
});

test('a search finds only what its person may read', async () => {
  await using world = await createFixture();
  const { app, client, instance } = world;
  const { sessionId } = await converse(world, 'secret question', 'secret answer');
  const other = await app.newUser({ role: 'viewer' });
  expect(await search(app.client(other), 'secret')).toEqual([]);
  const share = { id: randomUUID(), instanceId: instance.id, userId: other.id };
  await app.tenant.instanceShare.create({ data: share });
  expect(await search(app.client(other), 'secret')).toHaveLength(3);
  await client.session.delete.mutate({ sessionId });
  expect(await search(app.client(other), 'secret')).toEqual([]);
  expect(await search(client, 'secret')).toEqual([]);
});

test('a renamed session is found by its new title, and not by the old one', async () => {
  await using world = await createFixture();
  const { client } = world;
  const { sessionId } = await world.send('x');
  await client.session.update.mutate({ sessionId, title: '季度报告' });
  expect(await search(client, '季度')).toEqual(['[季度]报告']);
  await client.session.update.mutate({ sessionId, title: 'Quarterly report' });
  expect(await search(client, '季度')).toEqual([]);
  expect(await search(client, 'quarter')).toEqual(['[Quarter]ly report']);
});

test('messages from before the index are found after the job has run', async () => {
  await using world = await createFixture();
  const { app, client } = world;
  await converse(world, 'old question', 'old answer');
  await app.database.pool.query(`DELETE FROM "tenant_${app.tenantId.replaceAll('-', '')}"."SearchEntry"`);
  expect(await search(client, 'old')).toEqual([]);
  await indexMissing(app.services, new AbortController().signal);
  expect(await search(client, 'old')).toHaveLength(3);
});
