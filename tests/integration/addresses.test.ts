import { AddPerson, addPerson } from '@it0/api/auth/add-person';
import { type TestApp, testApp } from '@it0/tests/support/app';
import { findLink, publicUrl, testMailServer } from '@it0/tests/support/mail-server';
import { getRefusal } from '@it0/tests/support/refusal';
import { until } from '@it0/tests/support/until';
import { expect, test } from 'vitest';

const email = 'grace@example.com';
const passwords = { thief: 'password of a thief', holder: 'password of the holder', third: 'password of a third' };

/** Sets up two tenants, where a member of one has claimed the address of another person. */
async function createWorld(options: Parameters<typeof testApp>[0] = {}) {
  const app = await testApp(options);
  const otherTenant = await app.database.createTenant({ name: 'Elsewhere' });
  const thief = await app.newUser({ name: 'Thief', inTenant: otherTenant, password: passwords.thief });
  await app.client({ bearer: thief.bearer }).account.setEmail.mutate({ email, password: passwords.thief });
  return { app, otherTenant, thief, [Symbol.asyncDispose]: () => app[Symbol.asyncDispose]() };
}

async function joinAsHolder(app: TestApp) {
  const owner = app.client({ bearer: (await app.newUser()).bearer });
  const { id } = await owner.invitation.create.mutate({ email, role: 'operator' });
  const joining = { id, name: 'Grace', password: passwords.holder, by: 'bearer' as const };
  const { token } = await app.client().invitation.join.mutate(joining);
  return { owner, bearer: token! };
}

async function readName(app: TestApp, password: string) {
  const result = await app.client().auth.signIn.mutate({ email, password, by: 'bearer' });
  if (result.challenge !== null) throw new Error('A second factor was required.');
  return (await app.client({ bearer: result.token! }).auth.me.query()).user.name;
}

test('an unverified address does not prevent others from being invited, joining and signing in with it', async () => {
  await using world = await createWorld();
  const { app } = world;
  const { owner, bearer } = await joinAsHolder(app);
  const grace = app.client({ bearer });
  expect(await grace.auth.me.query()).toMatchObject({ user: { name: 'Grace', email }, tenant: { role: 'operator' } });
  expect(await grace.account.mine.query()).toMatchObject({ email, hasPassword: true });
  expect(await owner.member.list.query()).toContainEqual(expect.objectContaining({ name: 'Grace', email }));
  expect(await readName(app, passwords.holder)).toBe('Grace');
  expect(await readName(app, passwords.thief)).toBe('Thief');
  const wrong = app.client().auth.signIn.mutate({ email, password: 'neither of the two' });
  expect((await getRefusal(wrong)).data.reason).toBe('WRONG_CREDENTIALS');

  const factor = await grace.secondFactor.begin.mutate({ password: passwords.holder });
  expect(decodeURIComponent(factor.uri)).toMatch(/^otpauth:\/\/totp\/IT0:grace@example\.com\?/);
  await grace.account.changePassword.mutate({ current: passwords.holder, next: passwords.third });
  expect(await readName(app, passwords.third)).toBe('Grace');
});

test('setEmail and invitation.show do not reveal whether an account of another organization has the address', async () => {
  await using world = await createWorld();
  const { app } = world;
  const { bearer } = await app.newUser({ password: passwords.third });
  const inviter = app.client({ bearer });
  const showInvitation = async (address: string) => {
    const { id } = await inviter.invitation.create.mutate({ email: address, role: 'viewer' });
    const { email: _, ...rest } = await app.client().invitation.show.query({ id });
    return rest;
  };
  expect(await showInvitation(email)).toEqual(await showInvitation('nobody@example.com'));
  const claim = async (address: string) => {
    await inviter.account.setEmail.mutate({ email: address, password: passwords.third });
    return inviter.account.mine.query();
  };
  const { email: firstEmail, ...first } = await claim(email);
  const { email: secondEmail, ...second } = await claim('nobody@example.com');
  expect([firstEmail, secondEmail]).toEqual([email, 'nobody@example.com']);
  expect(first).toEqual(second);
});

test('setEmail refuses the address of a member of the same organization, where addresses identify people', async () => {
  await using world = await createWorld();
  const { app, otherTenant } = world;
  const colleague = await app.newUser({ inTenant: otherTenant, password: passwords.third });
  const setAddress = app
    .client({ bearer: colleague.bearer })
    .account.setEmail.mutate({ email, password: passwords.third });
  expect((await getRefusal(setAddress)).data.reason).toBe('EMAIL_TAKEN');
  const { bearer } = await joinAsHolder(app);
  const owner = app.client({ bearer: (await app.newUser()).bearer });
  const invitation = owner.invitation.create.mutate({ email, role: 'viewer' });
  expect((await getRefusal(invitation)).data.reason).toBe('ALREADY_MEMBER');
  expect((await app.client({ bearer }).auth.me.query()).user.email).toBe(email);
});

test('concurrent requests for one address all succeed', async () => {
  await using world = await createWorld();
  const { app } = world;
  const names = ['A', 'B', 'C', 'D'];
  const owner = app.client({ bearer: (await app.newUser()).bearer });
  const people = await Promise.all(
    names.map(async (name) => {
      const inTenant = await app.database.createTenant({ name });
      return app.newUser({ name, inTenant, password: `the password of ${name}` });
    }),
  );
  const { id } = await owner.invitation.create.mutate({ email, role: 'viewer' });
  await Promise.all([
    app.client().invitation.join.mutate({ id, name: 'Grace', password: passwords.holder, by: 'bearer' }),
    ...people.map(({ name, bearer }) =>
      app.client({ bearer }).account.setEmail.mutate({ email, password: `the password of ${name}` }),
    ),
  ]);
  for (const name of names) expect(await readName(app, `the password of ${name}`)).toBe(name);
  expect(await readName(app, passwords.holder)).toBe('Grace');
});

test('a reset link that was sent to an address verifies it for its account only', async () => {
  await using post = await testMailServer();
  await using world = await createWorld({ sendMail: post.sendMail, publicUrl });
  const { app } = world;
  await joinAsHolder(app);
  await app.client().auth.requestReset.mutate({ email });
  const links = () => post.mails.filter(({ text }) => text?.includes('/reset-password'));
  await until(() => links().length === 2);
  const forGrace = links().find(({ text }) => text?.startsWith('Hi Grace'))!;
  const token = findLink(forGrace).searchParams.get('token')!;
  await app.client().auth.resetPassword.mutate({ token, password: passwords.third });
  expect(await readName(app, passwords.third)).toBe('Grace');
  expect(await readName(app, passwords.thief)).toBe('Thief');
  const { platform } = app.database;
  expect(await platform.user.findUnique({ where: { email } })).toMatchObject({ name: 'Grace', emailVerified: true });
  expect(await platform.user.findMany({ where: { claimedEmail: email } })).toMatchObject([{ name: 'Thief' }]);

  await app.client().auth.requestReset.mutate({ email });
  await until(() => links().length === 3);
  expect(links().at(-1)!.text).toMatch(/^Hi Grace/);
});

test('setEmail keeps an address verified only when it does not change', async () => {
  await using app = await testApp();
  const { id, bearer } = await app.newUser({ email, password: passwords.holder });
  const { user } = app.database.platform;
  await user.update({ where: { id }, data: { emailVerified: true } });
  const setAddress = async (address: string) => {
    await app.client({ bearer }).account.setEmail.mutate({ email: address, password: passwords.holder });
    return (await user.findUniqueOrThrow({ where: { id } })).emailVerified;
  };
  expect(await setAddress(email)).toBe(true);
  expect(await setAddress('other@example.com')).toBe(false);
});

test('user:add finds the organization’s member among all accounts with the address', async () => {
  await using world = await createWorld();
  const { app, otherTenant } = world;
  await joinAsHolder(app);
  const add = (tenant: string) => addPerson(app.database, app.services.keys, AddPerson.parse({ email, tenant }));
  expect(await add(app.tenantId)).toMatchObject({ name: 'Grace', isNew: false, joined: false });
  expect(await add(otherTenant)).toMatchObject({ name: 'Thief', isNew: false, joined: false });
});
