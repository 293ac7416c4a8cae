import { randomUUID } from 'node:crypto';
import { toAuthHeaders } from '@it0/tests/support/app';
import { createFixture } from '@it0/tests/support/fixture';
import { follow } from '@it0/tests/support/follow';
import { getRefusal } from '@it0/tests/support/refusal';
import { until } from '@it0/tests/support/until';
import { expect, test } from 'vitest';

const refused = (reason: string) => ({ data: { reason } });

test('an API key has the rights of its scopes in a header, as bearer token and on the WebSocket', async () => {
  await using world = await createFixture();
  const { app, client, instance } = world;
  const created = await client.apiKey.create.mutate({
    name: 'deploy',
    scopes: ['instance:read', 'instance:use', 'session:read'],
    days: 30,
  });
  const { key, ...listed } = created;
  expect(key).toMatch(/^it0_/);
  expect(listed).toMatchObject({ name: 'deploy', start: key.slice(0, listed.start.length), lastUsedAt: null });
  expect(JSON.stringify(await client.apiKey.list.query())).not.toContain(key);

  const script = app.client({ apiKey: key });
  const { sessionId } = await script.instance.createTask.mutate({
    instanceId: instance.id,
    message: 'by script',
    requestId: randomUUID(),
  });
  using events = follow(script, sessionId, '0');
  await events.next('message');
  const asBearer = await fetch(`${app.url}/trpc/auth.me`, { headers: toAuthHeaders({ bearer: key }) });
  expect(await asBearer.json()).toMatchObject({
    result: { data: { by: 'apiKey', permissions: ['instance:read', 'instance:use', 'session:read'] } },
  });
  expect((await client.apiKey.list.query())[0]?.lastUsedAt).not.toBeNull();

  const refusals = [
    script.task.cancel.mutate({ taskId: randomUUID() }),
    script.approval.resolve.mutate({
      approvalId: randomUUID(),
      decision: 'deny',
      seen: { command: 'x', allowedDecisions: [] },
    }),
    script.member.list.query(),
    script.apiKey.list.query(),
    script.account.mine.query(),
    script.device.list.query(),
  ];
  for (const refusal of refusals) expect(await getRefusal(refusal)).toMatchObject(refused('FORBIDDEN'));
});

test('an API key never has more rights than its person', async () => {
  await using world = await createFixture();
  const { app, client: owner, instance } = world;
  await owner.instance.share.mutate({ instanceId: instance.id, with: { role: 'viewer' } });
  const operator = await app.newUser({ role: 'operator' });
  const { key } = await app
    .client(operator)
    .apiKey.create.mutate({ name: 'k', scopes: ['instance:read', 'instance:use'], days: null });
  await owner.member.setRole.mutate({ userId: operator.id, role: 'viewer' });
  const script = app.client({ apiKey: key });
  expect(await script.instance.list.query()).toHaveLength(1);
  const write = script.instance.createTask.mutate({ instanceId: instance.id, message: 'x', requestId: randomUUID() });
  expect(await getRefusal(write)).toMatchObject(refused('FORBIDDEN'));
  for (const scope of ['member:manage', 'apikey:manage', 'tenant:manage', 'everything']) {
    const scopes = [scope] as never;
    expect(await getRefusal(owner.apiKey.create.mutate({ name: 'k', scopes, days: null }))).toMatchObject(
      refused('INVALID_INPUT'),
    );
  }
});

test('an API key that is expired, deleted or incomplete is refused, and its open streams end', async () => {
  await using world = await createFixture();
  const { app, client } = world;
  const { sessionId } = await world.send();
  const scopes = ['session:read', 'instance:read'] as const;
  const { key, id } = await client.apiKey.create.mutate({ name: 'k', scopes: [...scopes], days: 1 });
  const script = app.client({ apiKey: key });
  using events = follow(script, sessionId, '0');
  await events.next('message');
  const stranger = app.client(await app.newUser());
  expect(await getRefusal(stranger.apiKey.remove.mutate({ id }))).toMatchObject(refused('API_KEY_NOT_FOUND'));
  for (const wrong of [`${key}x`, key.slice(0, -1), 'it0_', key.replace('it0_', '')])
    expect(await getRefusal(app.client({ apiKey: wrong }).instance.list.query())).toMatchObject(
      refused('NOT_SIGNED_IN'),
    );
  await app.database.platform.apiKey.update({ where: { id }, data: { expiresAt: new Date(0) } });
  expect(await getRefusal(script.instance.list.query())).toMatchObject(refused('NOT_SIGNED_IN'));
  expect(await until(() => events.errors[0])).toMatchObject(refused('NOT_SIGNED_IN'));
  await client.apiKey.remove.mutate({ id });
  expect(await client.apiKey.list.query()).toEqual([]);
});

test('an API key works only in its tenant', async () => {
  await using world = await createFixture();
  const { app, client } = world;
  const { key } = await client.apiKey.create.mutate({ name: 'k', scopes: ['instance:read'], days: null });
  await client.tenant.create.mutate({ name: 'Second' });
  expect(await client.apiKey.list.query()).toEqual([]);
  expect((await app.client({ apiKey: key }).auth.me.query()).tenant?.id).toBe(app.tenantId);
});
