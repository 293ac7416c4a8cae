import { randomUUID } from 'node:crypto';
import { createFixture } from '@it0/tests/support/fixture';
import { expect, test } from 'vitest';

type World = Awaited<ReturnType<typeof createFixture>>;

const TURNS = 40;
const at = (turn: number) => new Date(Date.UTC(2026, 0, 1 + turn));

/** Creates a session with a message and its reply on each of 40 days. */
async function createHistory({ app, user, instance }: World) {
  const sessionId = randomUUID();
  const turns = Array.from({ length: TURNS }, () => ({ taskId: randomUUID(), messageId: randomUUID() }));
  const owner = { sessionId, ownerId: user.id };
  await app.tenant.agentSession.create({
    data: { id: sessionId, ownerId: user.id, agentInstanceId: instance.id, engineType: 'openclaw', title: 'Days' },
  });
  await app.tenant.agentTask.createMany({
    data: turns.map(({ taskId }) => ({
      ...{ ...owner, id: taskId, requestId: randomUUID(), message: 'x', status: 'COMPLETED' as const },
    })),
  });
  await app.tenant.conversationMessage.createMany({
    data: turns.flatMap(({ taskId, messageId }, turn) =>
      (['USER', 'ASSISTANT'] as const).map((role) => ({
        ...{ sessionId, taskId, role, seq: turn + 1, createdAt: at(turn) },
        id: role === 'USER' ? messageId : taskId,
        parts: [{ type: 'text', text: `${turn} ${role}` }],
      })),
    ),
  });
  return { sessionId, turns };
}

test('session.messages returns the page around a message or a time, and continues from it in both directions', async () => {
  await using world = await createFixture();
  const { sessionId, turns } = await createHistory(world);
  const read = async (page: Parameters<World['client']['session']['messages']['query']>[0]) => {
    const history = await world.client.session.messages.query(page);
    const texts = history.messages.map(({ parts }) => (parts[0]?.type === 'text' ? parts[0].text : ''));
    return { ...history, texts };
  };

  const { taskId, messageId } = turns[20]!;
  for (const around of [messageId, messageId.toUpperCase()])
    expect(await read({ sessionId, around, limit: 4 })).toMatchObject({
      anchor: taskId,
      texts: ['20 USER', '20 ASSISTANT', '21 USER'],
    });
  const page = await read({ sessionId, around: taskId, limit: 4 });
  expect(page).toMatchObject({
    anchor: taskId,
    texts: ['20 USER', '20 ASSISTANT', '21 USER', '21 ASSISTANT'],
    nextCursor: expect.any(String),
    newerCursor: expect.any(String),
  });

  const older = await read({ sessionId, cursor: page.nextCursor!, limit: 3 });
  expect(older).toMatchObject({ texts: ['19 USER', '19 ASSISTANT'], anchor: null });
  // A page of one message has to be a reply, too.
  const reply = await read({ sessionId, cursor: older.nextCursor!, limit: 1 });
  expect(reply.texts).toEqual(['18 ASSISTANT']);
  expect((await read({ sessionId, cursor: reply.nextCursor!, limit: 1 })).texts).toEqual(['18 USER']);
  const newer = await read({ sessionId, cursor: page.newerCursor!, direction: 'newer', limit: 3 });
  expect(newer.texts).toEqual(['22 USER', '22 ASSISTANT', '23 USER']);
  const next = await read({ sessionId, cursor: newer.newerCursor!, direction: 'newer', limit: 200 });
  expect(next).toMatchObject({ texts: expect.arrayContaining(['23 ASSISTANT', '39 ASSISTANT']), newerCursor: null });
  expect(next.texts).toHaveLength(33);

  expect(await read({ sessionId, at: at(5).toISOString(), limit: 2 })).toMatchObject({
    anchor: turns[5]!.taskId,
    texts: ['5 USER', '5 ASSISTANT'],
  });
  expect(await read({ sessionId, at: at(-9).toISOString(), limit: 4 })).toMatchObject({
    anchor: turns[0]!.taskId,
    nextCursor: null,
    texts: ['0 USER', '0 ASSISTANT', '1 USER'],
  });
  const latest = { anchor: null, newerCursor: null, texts: ['39 USER', '39 ASSISTANT'] };
  expect(await read({ sessionId, limit: 2 })).toMatchObject(latest);
  expect(await read({ sessionId, at: at(TURNS).toISOString(), limit: 4 })).toMatchObject(latest);
  expect(await read({ sessionId, around: randomUUID(), limit: 4 })).toMatchObject(latest);
});

test('session.messages finds no message of another session with around', async () => {
  await using world = await createFixture();
  const { sessionId } = await createHistory(world);
  const other = await createHistory(world);
  const { messages } = await world.client.session.messages.query({ sessionId, around: other.turns[3]!.messageId });
  expect(messages.at(-1)?.parts).toEqual([{ type: 'text', text: '39 ASSISTANT' }]);
});
