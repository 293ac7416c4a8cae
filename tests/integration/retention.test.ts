import { randomUUID } from 'node:crypto';
import { deleteOldEvents } from '@it0/api/retention/delete-old-events';
import { deleteExpiredRows, PLATFORM_EXPIRY, TENANT_EXPIRY } from '@it0/api/retention/expired-rows';
import { toTenantSchema } from '@it0/db/sql';
import { testApp } from '@it0/tests/support/app';
import { createFixture } from '@it0/tests/support/fixture';
import { follow } from '@it0/tests/support/follow';
import { until } from '@it0/tests/support/until';
import fc from 'fast-check';
import { expect, test } from 'vitest';

const DAY_MS = 24 * 3_600_000;
const { signal } = new AbortController();

type World = Awaited<ReturnType<typeof createFixture>>;

/** Moves an ended task and its events back in time. */
async function age({ app: { tenant } }: World, taskId: string, days: number) {
  const at = new Date(Date.now() - days * DAY_MS);
  await tenant.agentTask.update({ where: { id: taskId }, data: { createdAt: at, endedAt: at } });
  await tenant.chatEvent.updateMany({ where: { taskId }, data: { createdAt: at } });
}

async function converse(world: World, message: string, sessionId?: string) {
  const sent = await world.send(message, sessionId);
  await world.bridge.report(
    sent.task,
    { type: 'tool', phase: 'start', callId: 'c', name: 'ls', title: 'ls', textOffset: 0 },
    { type: 'tool', phase: 'end', callId: 'c', status: 'completed', output: `output for ${message}` },
    { type: 'completed', text: `reply to ${message}` },
  );
  return sent;
}

test('event retention deletes old events, after which the messages load as before and old streams end with EVENT_GAP', async () => {
  await using world = await createFixture();
  const { app, client } = world;
  const first = await converse(world, 'first');
  const { sessionId } = first;
  const second = await converse(world, 'second', sessionId);
  const open = await world.send('open');
  await age(world, first.taskId, 31);
  await age(world, second.taskId, 29);
  await app.tenant.chatEvent.updateMany({ where: { taskId: open.taskId }, data: { createdAt: new Date(0) } });
  const read = async () => [
    await client.session.messages.query({ sessionId }),
    await client.session.messages.query({ sessionId: open.sessionId }),
    await app.tenant.chatEvent.findMany({
      where: { taskId: { not: first.taskId } },
      orderBy: [{ taskId: 'asc' }, { seq: 'asc' }],
    }),
  ];
  const before = await read();
  await deleteOldEvents(app.services, 30, signal);
  expect(await read()).toEqual(before);
  expect(await app.tenant.chatEvent.count({ where: { taskId: first.taskId } })).toBe(0);

  const start = Number((await app.tenant.chatEvent.findFirst({ where: { sessionId }, orderBy: { seq: 'asc' } }))!.seq);
  using old = follow(client, sessionId, String(start - 2));
  using recent = follow(client, sessionId, String(start - 1));
  await until(() => old.errors.length > 0);
  expect(old.errors).toMatchObject([{ data: { reason: 'EVENT_GAP' } }]);
  expect(await recent.next('completed')).toMatchObject({ text: 'reply to second' });
  expect(recent.durable()[0]).toMatchObject({ seq: start, type: 'message', text: 'second' });
  await converse(world, 'third', sessionId);
  await recent.next('completed', ({ text }) => text === 'reply to third');
  expect(recent.errors).toEqual([]);
});

test('event retention leaves all events of sessions that are younger than the limit, and all messages', async () => {
  await using app = await testApp();
  const { tenant } = app;
  const owner = await app.newUser();
  const { id: agentInstanceId } = await app.newInstance(owner);
  const client = app.client(owner);
  const days = fc.oneof(fc.double({ min: 0, max: 29.9, noNaN: true }), fc.double({ min: 30.1, max: 300, noNaN: true }));
  const Task = fc.record({ age: days, isOpen: fc.boolean(), events: fc.integer({ min: 1, max: 6 }) });
  const Sessions = fc.array(fc.array(Task, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 5 });
  const isOld = ({ age, isOpen }: { age: number; isOpen: boolean }) => age > 30 && !isOpen;

  await fc.assert(
    fc.asyncProperty(Sessions, async (sessions) => {
      await tenant.agentSession.deleteMany();
      const expected: string[] = [];
      const ids: string[] = [];
      for (const tasks of sessions) {
        const sessionId = randomUUID();
        ids.push(sessionId);
        await tenant.agentSession.create({
          data: { id: sessionId, ownerId: owner.id, agentInstanceId, engineType: 'openclaw', title: 'a session' },
        });
        let seq = 0;
        for (const task of tasks.toSorted((a, b) => b.age - a.age)) {
          const id = randomUUID();
          const at = new Date(Date.now() - task.age * DAY_MS);
          const ids = { sessionId, taskId: id };
          await tenant.agentTask.create({
            data: {
              ...{ id, sessionId, ownerId: owner.id, requestId: id, message: 'hello', createdAt: at },
              ...(task.isOpen ? { status: 'RUNNING' } : { status: 'COMPLETED', endedAt: at }),
            },
          });
          const events = Array.from({ length: task.events }, () => ({
            ...{ ...ids, seq: ++seq, createdAt: at, payload: { type: 'task', status: 'RUNNING' } },
          }));
          await tenant.chatEvent.createMany({ data: events });
          if (!isOld(task)) expected.push(...events.map((event) => `${sessionId} ${event.seq}`));
          await tenant.conversationMessage.create({
            data: {
              ...ids,
              id: randomUUID(),
              requestId: id,
              role: 'USER',
              parts: [{ type: 'text', text: 'hello' }],
              seq,
            },
          });
        }
        await tenant.agentSession.update({ where: { id: sessionId }, data: { seq } });
      }
      const readMessages = () => Promise.all(ids.map((sessionId) => client.session.messages.query({ sessionId })));
      const messages = await readMessages();
      await deleteOldEvents(app.services, 30, signal);
      const rows = await tenant.chatEvent.findMany();
      expect(rows.map(({ sessionId, seq }) => `${sessionId} ${seq}`).sort()).toEqual(expected.sort());
      expect(await readMessages()).toEqual(messages);
    }),
    { numRuns: 10 },
  );
});

test('event retention deletes more events than fit in one statement, and continues after a tenant that fails', async () => {
  await using app = await testApp();
  const { database, tenantId } = app;
  const broken = await database.createTenant({ name: 'Broken' });
  await database.pool.query(`DROP TABLE ${toTenantSchema(broken)}."ChatEvent"`);
  const other = await database.createTenant({ name: 'Other' });
  for (const id of [tenantId, other]) {
    const schema = toTenantSchema(id);
    await database.pool.query(
      `WITH session AS (
         INSERT INTO ${schema}."AgentSession" ("id", "ownerId", "engineType", "title")
         VALUES ('${id}', '${id}', 'openclaw', 'long') RETURNING "id"
       ), task AS (
         INSERT INTO ${schema}."AgentTask" ("id", "sessionId", "ownerId", "requestId", "message", "status", "endedAt")
         SELECT "id", "id", "id", "id", 'hello', 'COMPLETED', now() - interval '40 days' FROM session RETURNING "id"
       )
       INSERT INTO ${schema}."ChatEvent" ("sessionId", "seq", "taskId", "payload", "createdAt")
       SELECT "id", n, "id", '{}', now() - interval '40 days' FROM task, generate_series(1, 12000) n`,
    );
  }
  const failure = deleteOldEvents(app.services, 30, signal);
  await expect(failure).rejects.toThrow(`Failed for 1 tenants; the first is ${broken}`);
  for (const id of [tenantId, other]) expect(await database.tenant(id).chatEvent.count()).toBe(0);
  await deleteOldEvents({ ...app.services, refusedTenants: new Set([broken]) }, 30, signal);
});

test('expired rows are deleted from each table a while after their time, and nothing else is', async () => {
  await using app = await testApp();
  const { platform, pool } = app.database;
  const { id: userId } = await app.newUser();
  const { id: instanceId } = await app.newInstance({ id: userId, tenantId: app.tenantId });
  const hash = () => new Uint8Array(Buffer.from(randomUUID()));
  const create: Record<string, (at: Date) => Promise<unknown>> = {
    ApiKey: (expiresAt) => platform.apiKey.create({ data: { referenceId: userId, key: randomUUID(), expiresAt } }),
    Invitation: (expiresAt) =>
      platform.invitation.create({
        data: { organizationId: app.tenantId, inviterId: userId, email: `${randomUUID()}@example.com`, expiresAt },
      }),
    LoginSession: (expiresAt) => platform.loginSession.create({ data: { userId, token: randomUUID(), expiresAt } }),
    ResetLink: (expiresAt) => platform.resetLink.create({ data: { userId, tokenHash: hash(), expiresAt } }),
    SignInLink: (expiresAt) => platform.signInLink.create({ data: { userId, tokenHash: hash(), expiresAt } }),
    Verification: (expiresAt) => platform.verification.create({ data: { identifier: 'a', value: 'b', expiresAt } }),
    RateLimit: (at) => platform.rateLimit.create({ data: { key: randomUUID(), expire: at.getTime() } }),
    Draft: (at) =>
      app.tenant.draft.create({
        data: {
          ...{ ownerId: randomUUID(), scopeId: instanceId, instanceId, text: 'x', revision: 1 },
          updatedAt: new Date(at.getTime() - 89 * DAY_MS),
        },
      }),
    BridgeRequest: (createdAt) => app.tenant.bridgeRequest.create({ data: { instanceId, request: hash(), createdAt } }),
  };
  const tables = [
    ...Object.keys(PLATFORM_EXPIRY).map((name) => ({ name, table: `public."${name}"` })),
    ...Object.keys(TENANT_EXPIRY).map((name) => ({ name, table: `${toTenantSchema(app.tenantId)}."${name}"` })),
  ];
  const count = async () => {
    const counts: Record<string, number> = {};
    for (const { name, table } of tables)
      counts[name] = (await pool.query(`SELECT count(*)::int AS n FROM ${table}`)).rows[0].n;
    return counts;
  };
  await platform.apiKey.create({ data: { referenceId: userId, key: randomUUID(), expiresAt: null } });
  await platform.rateLimit.create({ data: { key: randomUUID(), expire: null } });
  for (const { name } of tables) {
    await create[name]!(new Date());
    await create[name]!(new Date(Date.now() + DAY_MS));
  }
  const before = await count();
  for (const { name } of tables) await create[name]!(new Date(Date.now() - 2 * DAY_MS));
  await deleteExpiredRows(app.services, signal);
  expect(await count()).toEqual(before);
});
