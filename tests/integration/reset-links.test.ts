import { type TestApp, testApp } from '@it0/tests/support/app';
import { getOutcome, getReason } from '@it0/tests/support/refusal';
import { expect, test } from 'vitest';

const password = 'correct horse battery';
const next = 'a password of tomorrow';

/** Sets up an owner, an administrator who makes reset links, and an operator for whom they are. */
async function createWorld() {
  const app = await testApp();
  const owner = app.client(await app.newUser());
  const target = await app.newUser({ role: 'operator', password });
  const maker = await app.newUser({ role: 'admin' });
  const linkBy = async (by: { bearer: string }) =>
    (await app.client({ bearer: by.bearer }).member.resetLink.mutate({ userId: target.id })).token;
  return { app, owner, target, maker, linkBy, [Symbol.asyncDispose]: () => app[Symbol.asyncDispose]() };
}
const tryLink = (app: TestApp, token: string) =>
  getOutcome(app.client().auth.resetPassword.mutate({ token, password: next }), 'reset');

type World = Awaited<ReturnType<typeof createWorld>>;
const join = ({ app, target }: World, organizationId: string) =>
  app.database.platform.member.create({ data: { organizationId, userId: target.id, role: 'viewer' } });

const changes: Record<string, (world: World) => Promise<unknown>> = {
  'was made an owner': ({ owner, target }) => owner.member.setRole.mutate({ userId: target.id, role: 'owner' }),
  'was made an administrator': ({ owner, target }) => owner.member.setRole.mutate({ userId: target.id, role: 'admin' }),
  'was made a viewer': ({ owner, target }) => owner.member.setRole.mutate({ userId: target.id, role: 'viewer' }),
  async 'had another role meanwhile'({ owner, target }) {
    await owner.member.setRole.mutate({ userId: target.id, role: 'owner' });
    await owner.member.setRole.mutate({ userId: target.id, role: 'operator' });
  },
  'was removed': ({ owner, target }) => owner.member.remove.mutate({ userId: target.id }),
  async 'joined another organization'(world) {
    const { app, target } = world;
    const inTenant = await app.database.createTenant({ name: 'Elsewhere' });
    const otherOwner = app.client(await app.newUser({ inTenant }));
    const { id } = await otherOwner.invitation.create.mutate({ email: target.email, role: 'viewer' });
    await app.client({ bearer: target.bearer }).invitation.accept.mutate({ id });
  },
  async 'joined another organization and left it'(world) {
    await changes['joined another organization']!(world);
    const targetClient = world.app.client({ bearer: world.target.bearer });
    await targetClient.tenant.leave.mutate();
  },
  'was made an owner in the database': ({ app, target }) =>
    app.database.platform.member.updateMany({ where: { userId: target.id }, data: { role: 'owner' } }),
  'joined another organization in the database': async (world) =>
    join(world, await world.app.database.createTenant({ name: 'Elsewhere' })),
  'changed the password': ({ app, target }) =>
    app.client({ bearer: target.bearer }).account.changePassword.mutate({ current: password, next: `${next}!` }),
  'changed the address': ({ app, target }) =>
    app.client({ bearer: target.bearer }).account.setEmail.mutate({ email: 'new@example.com', password }),
};

test('a reset link sets the password of its person', async () => {
  await using world = await createWorld();
  const { app, target, maker, linkBy } = world;
  expect(await tryLink(app, await linkBy(maker))).toBe('reset');
  expect(await app.client().auth.signIn.mutate({ email: target.email, password: next })).toMatchObject({
    challenge: null,
  });
});

for (const [change, applyChange] of Object.entries(changes)) {
  test(`a reset link is refused when its target ${change} since it was made`, async () => {
    await using world = await createWorld();
    const token = await world.linkBy(world.maker);
    await applyChange(world);
    expect(await tryLink(world.app, token)).toBe('SIGN_IN_LINK_INVALID');
  });
}

test('using a reset link ends all reset links of the person, of every maker', async () => {
  await using world = await createWorld();
  const { app, maker, linkBy } = world;
  const other = await app.newUser({ role: 'admin' });
  const [older, newer, third] = [await linkBy(maker), await linkBy(maker), await linkBy(other)];
  expect(await tryLink(app, newer)).toBe('reset');
  for (const token of [older, newer, third]) expect(await tryLink(app, token)).toBe('SIGN_IN_LINK_INVALID');
});

test('a reset link that is used concurrently on two servers sets the password once', async () => {
  await using world = await createWorld();
  const { app, maker, linkBy } = world;
  const token = await linkBy(maker);
  const { url } = await app.another();
  const outcomes = await Promise.allSettled(
    [app.url, url, app.url, url].map((at) =>
      app.client({}, at).auth.resetPassword.mutate({ token, password: `${next} ${at}` }),
    ),
  );
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

test('a reset link is refused when it is made from the stored hash or has expired', async () => {
  await using world = await createWorld();
  const { app, maker, linkBy } = world;
  const token = await linkBy(maker);
  const { resetLink } = app.database.platform;
  const { tokenHash } = await resetLink.findFirstOrThrow();
  for (const encoding of ['hex', 'base64url'] as const) {
    expect(await tryLink(app, Buffer.from(tokenHash).toString(encoding))).toBe('SIGN_IN_LINK_INVALID');
  }
  await resetLink.updateMany({ data: { expiresAt: new Date(0) } });
  expect(await tryLink(app, token)).toBe('SIGN_IN_LINK_INVALID');
});

test('showResetLink returns the person and their API keys of all organizations without using the link up', async () => {
  await using world = await createWorld();
  const { app, target, maker, linkBy } = world;
  const targetClient = app.client({ bearer: target.bearer });
  await targetClient.apiKey.create.mutate({ name: 'deploy', scopes: ['instance:read'], days: null });
  const token = await linkBy(maker);
  for (let n = 0; n < 3; n++) {
    expect(await app.client().auth.showResetLink.query({ token })).toEqual({
      ...{ name: target.name, email: target.email },
      keys: [expect.objectContaining({ name: 'deploy', tenantName: 'Acme', lastUsedAt: null })],
    });
  }
  expect(await targetClient.account.keys.query()).toHaveLength(1);
  expect(await tryLink(app, token)).toBe('reset');
  expect(await getReason(app.client().auth.showResetLink.query({ token }))).toBe('SIGN_IN_LINK_INVALID');
});

test('API keys end with a password that is reset and remain with one that is changed, unless `endKeys` says otherwise', async () => {
  await using world = await createWorld();
  const { app, target, maker, linkBy } = world;
  const signIn = async (secret: string) => {
    const response = await app.client().auth.signIn.mutate({ email: target.email, password: secret, by: 'bearer' });
    return app.client({ bearer: 'token' in response ? response.token! : '' });
  };
  const newKey = async (by: Awaited<ReturnType<typeof signIn>>) =>
    (await by.apiKey.create.mutate({ name: 'k', scopes: ['instance:read'], days: null })).key;
  const isValid = (apiKey: string) =>
    app
      .client({ apiKey })
      .instance.list.query()
      .then(
        () => true,
        () => false,
      );
  const reset = async (options: { endKeys?: boolean }) =>
    app.client().auth.resetPassword.mutate({ token: await linkBy(maker), password, ...options });

  const first = await newKey(await signIn(password));
  await reset({ endKeys: false });
  expect(await isValid(first)).toBe(true);
  await reset({});
  expect(await isValid(first)).toBe(false);

  const targetClient = await signIn(password);
  const second = await newKey(targetClient);
  await targetClient.account.changePassword.mutate({ current: password, next });
  expect(await isValid(second)).toBe(true);
  await targetClient.account.changePassword.mutate({ current: next, next: password, endKeys: true });
  expect(await isValid(second)).toBe(false);
  expect(await targetClient.account.keys.query()).toEqual([]);
});
