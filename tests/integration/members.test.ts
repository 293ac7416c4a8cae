import { randomUUID } from 'node:crypto';
import type { Role } from '@it0/contracts/permissions';
import { type TestApp, testApp } from '@it0/tests/support/app';
import { createFixture } from '@it0/tests/support/fixture';
import { follow } from '@it0/tests/support/follow';
import { getRefusal } from '@it0/tests/support/refusal';
import { until } from '@it0/tests/support/until';
import { expect, test } from 'vitest';

const password = 'correct horse battery';
const refused = (reason: string) => ({ data: { reason } });

async function invite(app: TestApp, { email = 'grace@example.com', role = 'viewer' as Role } = {}) {
  const owner = app.client(await app.newUser());
  return { owner, ...(await owner.invitation.create.mutate({ email, role })) };
}

test('an invited person creates an account, joins with the role and is signed in', async () => {
  await using app = await testApp();
  const { owner, id } = await invite(app);
  const anonymous = app.client();
  expect(await anonymous.invitation.show.query({ id })).toEqual({
    email: 'grace@example.com',
    role: 'viewer',
    tenantName: expect.any(String),
    inviterName: 'Ada',
  });
  const { token } = await anonymous.invitation.join.mutate({ id, name: 'Grace', password, by: 'bearer' });
  const grace = app.client({ bearer: token! });
  expect(await grace.auth.me.query()).toMatchObject({
    user: { name: 'Grace', email: 'grace@example.com' },
    tenant: { id: app.tenantId, role: 'viewer' },
    permissions: ['instance:read', 'assistant:use', 'session:read', 'member:read'],
  });
  expect(await owner.invitation.list.query()).toEqual([]);
  expect((await owner.member.list.query()).map(({ name, role }) => [name, role])).toEqual([
    ['Ada', 'owner'],
    ['Grace', 'viewer'],
    ['Owner', 'owner'],
  ]);
  expect(await getRefusal(anonymous.invitation.show.query({ id }))).toMatchObject(refused('INVITATION_INVALID'));
  const second = anonymous.invitation.join.mutate({ id, name: 'Eve', password });
  expect(await getRefusal(second)).toMatchObject(refused('INVITATION_INVALID'));
  await anonymous.auth.signIn.mutate({ email: 'grace@example.com', password });
});

test('a person with an account accepts an invitation signed in, and only for the invited address', async () => {
  await using app = await testApp();
  const otherTenant = await app.database.createTenant({ name: 'Elsewhere' });
  const grace = await app.newUser({ name: 'Grace', email: 'grace@example.com', inTenant: otherTenant });
  const eve = await app.newUser({ name: 'Eve', inTenant: otherTenant });
  const { id } = await invite(app, { role: 'operator' });
  expect(await getRefusal(app.client(eve).invitation.accept.mutate({ id }))).toMatchObject(
    refused('INVITATION_INVALID'),
  );

  const client = app.client(grace);
  await client.invitation.accept.mutate({ id });
  const { tenants } = await client.auth.me.query();
  expect(tenants.map(({ name, role }) => [name, role])).toEqual([
    ['Elsewhere', 'owner'],
    [expect.any(String), 'operator'],
  ]);
  await client.tenant.switch.mutate({ tenantId: app.tenantId });
  expect((await client.auth.me.query()).tenant).toMatchObject({ id: app.tenantId, role: 'operator' });
  expect(await getRefusal(client.tenant.switch.mutate({ tenantId: randomUUID() }))).toMatchObject(
    refused('TENANT_NOT_FOUND'),
  );
});

test('an invitation that is revoked, expired or of another person cannot be used', async () => {
  await using app = await testApp();
  const { owner, id } = await invite(app);
  const other = await app.database.createTenant({ name: 'Other' });
  const stranger = app.client(await app.newUser({ inTenant: other }));
  expect(await getRefusal(stranger.invitation.cancel.mutate({ id }))).toMatchObject(refused('INVITATION_INVALID'));
  await owner.invitation.cancel.mutate({ id });
  const anonymous = app.client();
  expect(await getRefusal(anonymous.invitation.show.query({ id }))).toMatchObject(refused('INVITATION_INVALID'));
  expect(await getRefusal(owner.invitation.cancel.mutate({ id }))).toMatchObject(refused('INVITATION_INVALID'));

  const expired = await owner.invitation.create.mutate({ email: 'late@example.com', role: 'viewer' });
  await app.database.platform.invitation.updateMany({
    where: { email: expired.email },
    data: { expiresAt: new Date(0) },
  });
  const joining = anonymous.invitation.join.mutate({ id: expired.id, name: 'Late', password });
  expect(await getRefusal(joining)).toMatchObject(refused('INVITATION_INVALID'));
  expect(await owner.invitation.list.query()).toEqual([]);
});

test('an invitation cannot be used with its stored hash', async () => {
  await using app = await testApp();
  const { id: link } = await invite(app);
  const { id } = await app.database.platform.invitation.findFirstOrThrow();
  const anonymous = app.client();
  for (const forged of [id, `${id}.`, `${id}.${'A'.repeat(43)}`, link.replace(id, randomUUID()), `x${link}`]) {
    expect(await getRefusal(anonymous.invitation.show.query({ id: forged }))).toMatchObject(
      refused('INVITATION_INVALID'),
    );
  }
  expect(await anonymous.invitation.show.query({ id: link })).toMatchObject({ tenantName: 'Acme' });
});

test('a new invitation replaces the previous one, and a member cannot be invited', async () => {
  await using app = await testApp();
  const { owner, id } = await invite(app);
  const second = await owner.invitation.create.mutate({ email: 'grace@example.com', role: 'operator' });
  expect(await getRefusal(app.client().invitation.show.query({ id }))).toMatchObject(refused('INVITATION_INVALID'));
  expect((await owner.invitation.list.query()).map(({ id, role }) => [id, role])).toEqual([[second.id, 'operator']]);
  const { email } = await app.newUser({ role: 'viewer' });
  expect(await getRefusal(owner.invitation.create.mutate({ email, role: 'viewer' }))).toMatchObject(
    refused('ALREADY_MEMBER'),
  );
});

test('an administrator can manage all roles except owners', async () => {
  await using app = await testApp();
  const owner = await app.newUser();
  const admin = app.client(await app.newUser({ role: 'admin', name: 'Admin' }));
  const viewer = await app.newUser({ role: 'viewer' });
  expect(await getRefusal(admin.invitation.create.mutate({ email: 'x@example.com', role: 'owner' }))).toMatchObject(
    refused('FORBIDDEN'),
  );
  expect(await getRefusal(admin.member.setRole.mutate({ userId: viewer.id, role: 'owner' }))).toMatchObject(
    refused('FORBIDDEN'),
  );
  expect(await getRefusal(admin.member.setRole.mutate({ userId: owner.id, role: 'viewer' }))).toMatchObject(
    refused('FORBIDDEN'),
  );
  expect(await getRefusal(admin.member.remove.mutate({ userId: owner.id }))).toMatchObject(refused('FORBIDDEN'));
  expect(await getRefusal(admin.member.resetLink.mutate({ userId: owner.id }))).toMatchObject(refused('FORBIDDEN'));
  await admin.member.setRole.mutate({ userId: viewer.id, role: 'operator' });
  expect((await app.client(viewer).auth.me.query()).permissions).toContain('instance:use');
  await admin.member.remove.mutate({ userId: viewer.id });
  expect(await app.client(viewer).auth.me.query()).toMatchObject({ tenant: null, permissions: [], tenants: [] });
  expect(await getRefusal(app.client(viewer).instance.list.query())).toMatchObject(refused('NO_TENANT'));
});

test('the last owner of an organization cannot leave or lose the role, even with concurrent calls', async () => {
  await using app = await testApp();
  await app.database.platform.member.deleteMany({});
  const [first, second] = [await app.newUser(), await app.newUser()];
  const demote = (by: typeof first, target: typeof first) =>
    app.client(by).member.setRole.mutate({ userId: target.id, role: 'viewer' });
  const outcomes = await Promise.allSettled([demote(first, second), demote(second, first)]);
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  const owner = await app.database.platform.member.findFirstOrThrow({ where: { role: 'owner' } });
  const last = owner.userId === first.id ? first : second;
  expect(await getRefusal(demote(last, last))).toMatchObject(refused('LAST_OWNER'));
  expect(await getRefusal(app.client(last).tenant.leave.mutate())).toMatchObject(refused('LAST_OWNER'));
});

test('a member who leaves loses keys and shares, and an owner gets the instances', async () => {
  await using app = await testApp();
  const owner = await app.newUser();
  const operator = await app.newUser({ role: 'admin' });
  const instance = await app.newInstance(operator);
  const shared = await app.newInstance(owner);
  const client = app.client(operator);
  await app.client(owner).instance.share.mutate({ instanceId: shared.id, with: { userId: operator.id } });
  const { key } = await client.apiKey.create.mutate({ name: 'script', scopes: ['instance:read'], days: null });
  expect(await app.client({ apiKey: key }).instance.list.query()).toHaveLength(2);
  await client.tenant.leave.mutate();
  expect(await getRefusal(app.client({ apiKey: key }).instance.list.query())).toMatchObject(refused('NOT_SIGNED_IN'));
  expect(await app.database.platform.apiKey.count()).toBe(0);
  expect(await app.tenant.instanceShare.count()).toBe(0);
  const { ownerId } = await app.tenant.agentInstance.findUniqueOrThrow({ where: { id: instance.id } });
  expect((await app.database.platform.member.findFirstOrThrow({ where: { userId: ownerId } })).role).toBe('owner');
});

test('a reset link of an administrator sets a password once and signs out every device', async () => {
  await using app = await testApp();
  const owner = app.client(await app.newUser());
  const forgetful = await app.newUser({ role: 'operator', email: 'grace@example.com', password });
  const { token } = await owner.member.resetLink.mutate({ userId: forgetful.id });
  const anonymous = app.client();
  const next = 'a password of tomorrow';
  await anonymous.auth.resetPassword.mutate({ token, password: next });
  expect(await getRefusal(app.client(forgetful).auth.me.query())).toMatchObject(refused('NOT_SIGNED_IN'));
  await anonymous.auth.signIn.mutate({ email: forgetful.email, password: next });
  expect(await getRefusal(anonymous.auth.resetPassword.mutate({ token, password }))).toMatchObject(
    refused('SIGN_IN_LINK_INVALID'),
  );

  const otherTenant = await app.database.createTenant({ name: 'Elsewhere' });
  await app.services.auth.api.addMember({
    body: { organizationId: otherTenant, userId: forgetful.id, role: 'viewer' },
  });
  expect(await getRefusal(owner.member.resetLink.mutate({ userId: forgetful.id }))).toMatchObject(refused('FORBIDDEN'));
});

test('a viewer can follow a shared session but not write, and loses access when sharing ends', async () => {
  await using world = await createFixture();
  const { app, client: owner, instance } = world;
  const viewer = await app.newUser({ role: 'viewer', name: 'Viv' });
  const watcher = app.client(viewer);
  const { sessionId, task, taskId } = await world.send();
  expect(await watcher.instance.list.query()).toEqual([]);
  await owner.instance.share.mutate({ instanceId: instance.id, with: { role: 'viewer' } });
  await owner.instance.share.mutate({ instanceId: instance.id, with: { role: 'viewer' } });
  const shares = await owner.instance.shares.query({ instanceId: instance.id });
  expect(shares).toMatchObject([{ role: 'viewer', userId: null }]);
  expect(await watcher.instance.list.query()).toMatchObject([{ id: instance.id, mine: false, ownerName: 'Ada' }]);
  const { items } = await watcher.instance.sessions.query({ instanceId: instance.id });
  expect(items).toMatchObject([{ id: sessionId, mine: false, ownerName: 'Ada' }]);

  using watched = follow(watcher, sessionId, '0');
  await world.bridge.report(task, { type: 'task', status: 'RUNNING' });
  await world.bridge.report(task, { type: 'text', offset: 0, delta: 'for all to see' });
  await watched.next('text');
  const write = { instanceId: instance.id, message: 'x', requestId: randomUUID() };
  expect(await getRefusal(watcher.instance.createTask.mutate(write))).toMatchObject(refused('FORBIDDEN'));
  expect(await getRefusal(watcher.instance.createTask.mutate({ ...write, sessionId }))).toMatchObject(
    refused('FORBIDDEN'),
  );
  expect(await getRefusal(watcher.task.cancel.mutate({ taskId }))).toMatchObject(refused('FORBIDDEN'));
  expect(
    await getRefusal(watcher.instance.unshare.mutate({ instanceId: instance.id, shareId: shares[0]!.id })),
  ).toMatchObject(refused('FORBIDDEN'));

  await owner.instance.unshare.mutate({ instanceId: instance.id, shareId: shares[0]!.id });
  expect(await until(() => watched.errors[0])).toMatchObject(refused('SESSION_NOT_FOUND'));
  const count = watched.events().length;
  await world.bridge.report(task, { type: 'text', offset: 14, delta: ' and this not' });
  expect(await watcher.instance.list.query()).toEqual([]);
  expect(watched.events()).toHaveLength(count);
});

test('an operator can use a shared instance in their own sessions only', async () => {
  await using world = await createFixture();
  const { app, client: owner, instance } = world;
  const operator = await app.newUser({ role: 'operator' });
  const operatorClient = app.client(operator);
  const { sessionId } = await world.send();
  await owner.instance.share.mutate({ instanceId: instance.id, with: { userId: operator.id } });
  const write = { instanceId: instance.id, message: 'mine', requestId: randomUUID() };
  expect(await getRefusal(operatorClient.instance.createTask.mutate({ ...write, sessionId }))).toMatchObject(
    refused('SESSION_NOT_FOUND'),
  );
  const created = await operatorClient.instance.createTask.mutate(write);
  expect(await operatorClient.session.messages.query({ sessionId: created.sessionId })).toMatchObject({ mine: true });
  expect(await operatorClient.session.messages.query({ sessionId })).toMatchObject({ mine: false });
  expect(
    await getRefusal(owner.instance.share.mutate({ instanceId: instance.id, with: { userId: randomUUID() } })),
  ).toMatchObject(refused('MEMBER_NOT_FOUND'));
  const byShared = operatorClient.instance.share.mutate({ instanceId: instance.id, with: { role: 'viewer' } });
  expect(await getRefusal(byShared)).toMatchObject(refused('FORBIDDEN'));
});

test('a new organization has its own schema, and its creator can work in it', async () => {
  await using app = await testApp();
  const owner = app.client(await app.newUser());
  const { id } = await owner.tenant.create.mutate({ name: 'Second' });
  expect((await owner.auth.me.query()).tenant).toEqual({ id, name: 'Second', role: 'owner' });
  expect(await owner.instance.list.query()).toEqual([]);
  const created = (await app.database.tenants()).find((tenant) => tenant.id === id);
  expect(created).toMatchObject({ problem: null, pending: [] });
  await owner.tenant.rename.mutate({ name: 'Second of all' });
  expect((await owner.auth.me.query()).tenant?.name).toBe('Second of all');
});
