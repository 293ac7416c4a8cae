import { randomUUID } from 'node:crypto';
import { createFixture } from '@it0/tests/support/fixture';
import { mcpClient } from '@it0/tests/support/mcp';
import { restClient } from '@it0/tests/support/rest';
import { expect, test } from 'vitest';

type Page = { items: { id: string }[]; nextCursor: string | null };
type List = (page: { limit: number; cursor?: string }) => Promise<Page>;

const listIds = ({ items }: Page) => items.map(({ id }) => id);

async function createWorldWithSessions(count: number) {
  const world = await createFixture();
  const { app, user, instance, client } = world;
  await app.newAssistant();
  const make = (agentInstanceId: string | null, n: number) => ({
    ...{ id: randomUUID(), ownerId: user.id, agentInstanceId, engineType: 'openclaw', title: `session ${n}` },
    // Pairs with the same time, so that their ids decide the order.
    lastActiveAt: new Date(Date.UTC(2026, 0, 1) + Math.floor(n / 2) * 1_000 + 7),
  });
  for (const owner of [instance.id, null]) {
    await app.tenant.agentSession.createMany({ data: Array.from({ length: count }, (_, n) => make(owner, n)) });
  }
  const call = restClient(app.url, { authorization: `Bearer ${user.bearer}` });
  const byRest: List = async ({ limit, cursor }) => {
    const query = new URLSearchParams({ limit: `${limit}`, ...(cursor !== undefined && { cursor }) });
    const response = await call('GET', `/agent/instances/${instance.id}/sessions?${query}`);
    if (response.status !== 200) throw new Error(`${response.status} ${JSON.stringify(response.body)}`);
    return response.body;
  };
  const mcp = await mcpClient(app.url, user.bearer);
  const lists: Record<string, List> = {
    byRest,
    ofInstance: (page) => client.instance.sessions.query({ instanceId: instance.id, ...page }),
    ofAssistant: (page) => client.assistant.sessions.query(page),
    byMcp: async (page) => {
      const response = await mcp.call<Page>('list_sessions', { instanceId: instance.id, ...page });
      if (!response.items) throw new Error('INVALID_INPUT: cursor');
      return response;
    },
  };
  return {
    ...{ world, lists, byRest },
    async [Symbol.asyncDispose]() {
      await mcp[Symbol.asyncDispose]();
      await world[Symbol.asyncDispose]();
    },
  };
}

test('pages of every size contain each session once, with cursors in any case', async () => {
  await using fixture = await createWorldWithSessions(5);
  for (const [name, list] of Object.entries(fixture.lists)) {
    const all = listIds(await list({ limit: 50 }));
    expect([name, all.length]).toEqual([name, 5]);
    for (const limit of [2, 3, 5]) {
      const collected: string[] = [];
      let cursor: string | null | undefined;
      while (cursor !== null) {
        const page: Page = await list({ limit, cursor });
        collected.push(...listIds(page));
        cursor = page.nextCursor === null ? null : page.nextCursor.toUpperCase();
      }
      expect([name, limit, collected]).toEqual([name, limit, all]);
    }
  }
});

test('a malformed cursor is refused with INVALID_INPUT for its field, rather than an empty page', async () => {
  await using fixture = await createWorldWithSessions(3);
  const { instance } = fixture.world;
  const { nextCursor } = await fixture.byRest({ limit: 1 });
  const [time, ...id] = nextCursor!.split('-');
  const none = [
    randomUUID(),
    instance.id,
    '',
    ' ',
    '0',
    `${time}-`,
    `-${id.join('-')}`,
    `${nextCursor} `,
    `x${nextCursor}`,
  ];
  for (const cursor of [...none, `${nextCursor}0`, `9${'9'.repeat(15)}-${id.join('-')}`, `${time}.5-${id.join('-')}`]) {
    for (const [name, list] of Object.entries(fixture.lists)) {
      const refused = await list({ limit: 2, cursor }).catch(String);
      expect([name, cursor, refused]).toEqual([name, cursor, expect.stringContaining('cursor')]);
    }
  }
});

test('the next page continues after the last session of a page when that one was removed or used meanwhile', async () => {
  await using fixture = await createWorldWithSessions(6);
  const { app } = fixture.world;
  for (const [name, list] of Object.entries(fixture.lists)) {
    const all = listIds(await list({ limit: 50 }));
    const first = await list({ limit: 2 });
    await app.tenant.agentSession.update({ where: { id: all[1]! }, data: { lastActiveAt: new Date() } });
    const cursor = first.nextCursor!;
    expect([name, listIds(await list({ limit: 50, cursor }))]).toEqual([name, all.slice(2)]);
  }
  const [last] = (await fixture.lists.ofInstance!({ limit: 50 })).items.slice(-2);
  const { nextCursor } = await fixture.lists.ofInstance!({ limit: 5 });
  await app.tenant.agentSession.delete({ where: { id: last!.id } });
  expect(listIds(await fixture.lists.ofInstance!({ limit: 50, cursor: nextCursor! }))).toHaveLength(1);
});

test('session.messages accepts a cursor in any case, and refuses a malformed one', async () => {
  await using world = await createFixture();
  const { client, bridge } = world;
  const { task, sessionId } = await world.send();
  await bridge.report(task, { type: 'completed', text: 'Done.' });
  const page = await client.session.messages.query({ sessionId, limit: 1 });
  for (const cursor of [page.nextCursor!, page.nextCursor!.toUpperCase()]) {
    const { messages } = await client.session.messages.query({ sessionId, limit: 1, cursor });
    expect(messages.map(({ role }) => role)).toEqual(['user']);
  }
  for (const cursor of [sessionId, '', 'q', '1', '1x', '-1q', '1.5q']) {
    const refused = await client.session.messages.query({ sessionId, cursor }).catch((error) => error.data);
    expect([cursor, refused]).toMatchObject([
      cursor,
      { reason: 'INVALID_INPUT', issues: { fieldErrors: { cursor: [expect.any(String)] } } },
    ]);
  }
});
