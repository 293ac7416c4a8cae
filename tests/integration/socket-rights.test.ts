import { randomUUID } from 'node:crypto';
import type { AppRouter } from '@it0/api/router';
import { approvalReport } from '@it0/tests/support/approval';
import { createFixture } from '@it0/tests/support/fixture';
import { getOutcome, getReason, getRefusal } from '@it0/tests/support/refusal';
import { socketClient } from '@it0/tests/support/socket-client';
import type { TRPCClient } from '@trpc/client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

type Client = TRPCClient<AppRouter>;
type Ids = { instanceId: string; sessionId: string; taskId: string; approvalId: string };

/** Mutations and queries that an administrator may call. */
const calls: Record<string, (client: Client, ids: Ids) => Promise<unknown>> = {
  'instance.create': (client) =>
    client.instance.create.mutate({ requestId: randomUUID(), name: 'x', driver: 'remote' }),
  'instance.rename': (client, { instanceId }) => client.instance.rename.mutate({ instanceId, name: 'x' }),
  'instance.start': (client, { instanceId }) => client.instance.start.mutate({ instanceId }),
  'instance.share': (client, { instanceId }) => client.instance.share.mutate({ instanceId, with: { role: 'viewer' } }),
  'approval.setRules': async (client, { instanceId }) => {
    const { revision } = await client.approval.rules.query({ instanceId });
    return client.approval.setRules.mutate({ instanceId, rules: [], revision });
  },
  'instance.createTask': (client, { instanceId }) =>
    client.instance.createTask.mutate({ instanceId, message: 'x', requestId: randomUUID() }),
  'assistant.createTask': (client) => client.assistant.createTask.mutate({ message: 'x', requestId: randomUUID() }),
  'task.cancel': (client, { taskId }) => client.task.cancel.mutate({ taskId }),
  'approval.resolve': (client, { approvalId }) =>
    client.approval.resolve.mutate({
      ...{ approvalId, decision: 'deny' },
      seen: { command: 'x', allowedDecisions: ['deny'] },
    }),
  'instance.list': (client) => client.instance.list.query(),
  'session.messages': (client, { sessionId }) => client.session.messages.query({ sessionId }),
};
const forViewers = ['assistant.createTask', 'instance.list', 'session.messages'];

/** Sets up an administrator with an agent, a session and a pending approval, on an authenticated socket. */
async function createWorld() {
  const stack = new AsyncDisposableStack();
  const { app, bridge, client: owner } = stack.use(await createFixture());
  const admin = await app.newUser({ role: 'admin' });
  const { id: instanceId } = await app.newInstance(admin, { bridgeUrl: bridge.url });
  await app.newAssistant({ bridgeUrl: bridge.url });
  const message = `hello ${randomUUID()}`;
  const ownInstance = await app.client({ bearer: admin.bearer }).instance.createTask.mutate({
    ...{ instanceId, message, requestId: randomUUID() },
  });
  const task = await bridge.task(message);
  const approvalId = randomUUID();
  await bridge.report(task, approvalReport({ approvalId, command: 'x', allowedDecisions: ['deny'] }));
  const { client } = stack.use(socketClient(app.url, { bearer: admin.bearer }));
  await client.auth.me.query();
  const ids = { instanceId, approvalId, ...ownInstance };
  return { app, owner, admin, client, ids, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

const callAll = async (client: Client, ids: Ids) =>
  Object.fromEntries(
    await Promise.all(
      Object.entries(calls).map(async ([name, call]) => [name, await getOutcome(call(client, ids), 'ok')]),
    ),
  );
const all = (outcome: string) => Object.fromEntries(Object.keys(calls).map((name) => [name, outcome]));

// The periodic check of rights, which would disconnect the client during a call, does not run.
beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }));
afterEach(() => void vi.useRealTimers());

test('a call over the WebSocket is allowed to an administrator as over http', async () => {
  await using world = await createWorld();
  expect(await callAll(world.client, world.ids)).toEqual(all('ok'));
});

test('a call over the WebSocket is refused immediately after its role was revoked', async () => {
  await using world = await createWorld();
  await world.owner.member.setRole.mutate({ userId: world.admin.id, role: 'viewer' });
  const allowed = Object.fromEntries(forViewers.map((name) => [name, 'ok']));
  expect(await callAll(world.client, world.ids)).toEqual({ ...all('FORBIDDEN'), ...allowed });
});

test('a call over the WebSocket is allowed immediately after its role was granted', async () => {
  await using world = await createWorld();
  await world.owner.member.setRole.mutate({ userId: world.admin.id, role: 'viewer' });
  await getRefusal(calls['instance.create']!(world.client, world.ids));
  await world.owner.member.setRole.mutate({ userId: world.admin.id, role: 'admin' });
  await calls['instance.create']!(world.client, world.ids);
});

test('a call over the WebSocket is refused immediately after the end of the membership, login or account', async () => {
  const ends: Record<string, (world: Awaited<ReturnType<typeof createWorld>>) => Promise<unknown>> = {
    NO_TENANT: ({ owner, admin }) => owner.member.remove.mutate({ userId: admin.id }),
    NOT_SIGNED_IN: ({ app, admin }) => app.client({ bearer: admin.bearer }).auth.signOut.mutate(),
  };
  for (const [reason, end] of Object.entries(ends)) {
    await using world = await createWorld();
    await end(world);
    expect(await callAll(world.client, world.ids)).toEqual(all(reason));
  }
  await using banned = await createWorld();
  await banned.app.database.platform.user.update({ where: { id: banned.admin.id }, data: { banned: true } });
  expect(await callAll(banned.client, banned.ids)).toEqual(all('NOT_SIGNED_IN'));
});

test('a subscription over the WebSocket is refused after its right was revoked', async () => {
  await using world = await createWorld();
  await world.owner.member.remove.mutate({ userId: world.admin.id });
  const refusal = new Promise<unknown>((resolve) => {
    const { sessionId } = world.ids;
    const onData = () => resolve('started');
    world.client.session.onEvent.subscribe({ sessionId, lastEventId: '0' }, { onData, onError: resolve });
  });
  expect(await refusal).toMatchObject({ data: { reason: 'NO_TENANT' } });
});

test('an API key over the WebSocket loses revoked rights of its person immediately', async () => {
  await using world = await createWorld();
  const { app, admin, owner, ids } = world;
  const scopes = ['instance:read', 'instance:manage', 'session:read'] as const;
  const key = { name: 'k', scopes: [...scopes], days: null };
  const { id, key: apiKey } = await app.client({ bearer: admin.bearer }).apiKey.create.mutate(key);
  await using socket = socketClient(app.url, { apiKey });
  const create = () => calls['instance.create']!(socket.client, ids);
  await create();
  await owner.member.setRole.mutate({ userId: admin.id, role: 'operator' });
  expect(await getReason(create())).toBe('FORBIDDEN');
  await app.client({ bearer: admin.bearer }).apiKey.remove.mutate({ id });
  expect(await getReason(socket.client.instance.list.query())).toBe('NOT_SIGNED_IN');
});
