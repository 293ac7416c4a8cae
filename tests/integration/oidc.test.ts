import { randomUUID } from 'node:crypto';
import { claimAddress } from '@it0/api/auth/account/addresses';
import { type TestApp, testApp } from '@it0/tests/support/app';
import { browserCookies } from '@it0/tests/support/browser-cookies';
import { identityProvider } from '@it0/tests/support/identity-provider';
import { getRefusal } from '@it0/tests/support/refusal';
import { totp } from '@it0/tests/support/totp';
import { until } from '@it0/tests/support/until';
import { expect, test } from 'vitest';

const publicUrl = 'https://it0.example';
const email = 'grace@example.com';
const password = 'correct horse battery';
const grace = { sub: 'grace-1', email, email_verified: true, name: 'Grace' };

/** Sets up a server with a public address and its identity provider. */
async function createWorld(options: Parameters<typeof testApp>[0] = {}) {
  const stack = new AsyncDisposableStack();
  const idp = stack.use(await identityProvider({ redirectUri: `${publicUrl}/api/auth/callback/oidc` }));
  const app = stack.use(await testApp({ publicUrl, oidc: idp.oidc, ...options }));
  return { idp, app, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** Creates a browser that sends requests for the public address to the server. */
function browser(app: Pick<TestApp, 'url'>) {
  const [ownCookies, providerCookies] = [browserCookies(), browserCookies()];
  const isOwn = (url: URL) => url.origin === publicUrl;
  async function open(address: string | URL, at = app.url) {
    const url = new URL(address, publicUrl);
    const jar = isOwn(url) ? ownCookies : providerCookies;
    const response = await jar.fetch(isOwn(url) ? new URL(url.href.slice(publicUrl.length), at) : url);
    const location = response.headers.get('location');
    return { status: response.status, location: location === null ? null : new URL(location, url), response };
  }
  /** Opens an address and follows redirects to a page of the server, or until `stop` returns true. */
  async function follow(address: string | URL, stop: (url: URL) => boolean = () => false): Promise<URL> {
    const url = new URL(address, publicUrl);
    if (stop(url) || (isOwn(url) && !url.pathname.startsWith('/api/'))) return url;
    const { location, status } = await open(url);
    if (!location) throw new Error(`${url.pathname} returns ${status} without a redirect`);
    return follow(location, stop);
  }
  const isCallback = (url: URL) => isOwn(url) && url.pathname === '/api/auth/callback/oidc';
  return {
    open,
    follow,
    /** Signs in at the provider and returns the callback URL without opening it. */
    toCallback: (to = '/') => follow(`/api/auth/sign-in/oidc?to=${encodeURIComponent(to)}`, isCallback),
    async signIn(to = '/') {
      const { pathname, search } = await follow(`/api/auth/sign-in/oidc?to=${encodeURIComponent(to)}`);
      return pathname + search;
    },
    get cookie() {
      return ownCookies.cookie;
    },
    names: ownCookies.names,
  };
}

const toFailurePath = (reason: string) => `/sign-in?reason=${reason}`;
const verifyAddresses = (app: TestApp) => app.database.platform.user.updateMany({ data: { emailVerified: true } });

test('a member signs in with an external identity, and the device is listed', async () => {
  await using world = await createWorld();
  const { app, idp } = world;
  const member = await app.newUser({ name: 'Grace', email, password, role: 'operator' });
  await verifyAddresses(app);
  idp.signInAs(grace);
  const session = browser(app);
  expect(await session.signIn('/agents?x=1')).toBe('/agents?x=1');
  expect(session.names()).toEqual([expect.stringMatching(/^__Host-it0_[0-9a-f]{8}\.session_token$/)]);
  const client = app.client(session);
  expect(await client.auth.me.query()).toMatchObject({ user: { id: member.id }, tenant: { role: 'operator' } });
  const devices = await client.device.list.query();
  expect(devices).toContainEqual(expect.objectContaining({ isThis: true, ip: '127.0.0.1', userAgent: 'node' }));
  expect(devices.length).toBe(2);
  expect(await app.client().auth.signIn.mutate({ email, password })).toMatchObject({ challenge: null });
  expect(await browser(app).signIn()).toBe('/');
});

test('the tokens of the identity provider are not stored', async () => {
  await using world = await createWorld();
  const { app, idp } = world;
  await app.newUser({ email });
  idp.signInAs(grace);
  for (let n = 0; n < 2; n++) expect(await browser(app).signIn()).toBe('/');
  const [account, ...others] = await app.database.platform.account.findMany({ where: { providerId: 'oidc' } });
  expect(others).toEqual([]);
  expect(account).toMatchObject({ accountId: 'grace-1', accessToken: null, refreshToken: null, idToken: null });
});

test('an account that claimed an address first loses it to the holder’s verified sign-in', async () => {
  await using world = await createWorld();
  const { app, idp } = world;
  const thief = await app.newUser({ email, password });
  const asThief = app.client({ bearer: thief.bearer });
  const { key } = await asThief.apiKey.create.mutate({ name: 'k', scopes: ['instance:read'], days: null });
  idp.signInAs(grace);
  const session = browser(app);
  expect(await session.signIn()).toBe('/');
  expect((await app.client(session).auth.me.query()).user.id).toBe(thief.id);
  for (const client of [asThief, app.client({ apiKey: key })]) {
    expect((await getRefusal(client.auth.me.query())).data.reason).toBe('NOT_SIGNED_IN');
  }
  const signIn = app.client().auth.signIn.mutate({ email, password });
  expect((await getRefusal(signIn)).data.reason).toBe('WRONG_CREDENTIALS');
});

test('an address that the provider has not verified neither opens nor creates an account', async () => {
  await using world = await createWorld();
  const { app, idp } = world;
  const member = await app.newUser({ email, password });
  const owner = app.client({ bearer: member.bearer });
  await owner.invitation.create.mutate({ email: 'new@example.com', role: 'viewer' });
  for (const email_verified of [false, undefined, 'true', 'false', 1]) {
    for (const address of [email, 'new@example.com']) {
      idp.signInAs({ ...grace, email: address, email_verified });
      const session = browser(app);
      expect(await session.signIn()).toBe(toFailurePath('EMAIL_UNVERIFIED'));
      expect(session.cookie).not.toContain('session_token');
    }
  }
  idp.signInAs({ sub: 'no-address' });
  expect(await browser(app).signIn()).toBe(toFailurePath('EMAIL_UNVERIFIED'));
  expect(await app.database.platform.account.count({ where: { providerId: 'oidc' } })).toBe(0);
  expect((await owner.auth.me.query()).user.id).toBe(member.id);
});

test('addresses of a provider without `email_verified` are trusted only when configured', async () => {
  await using idp = await identityProvider({ redirectUri: `${publicUrl}/api/auth/callback/oidc` });
  await using app = await testApp({ publicUrl, oidc: { ...idp.oidc, trustEmail: true } });
  const owner = app.client({ bearer: (await app.newUser()).bearer });
  const { id } = await owner.invitation.create.mutate({ email, role: 'viewer' });
  for (const email_verified of [false, 'true', 1]) {
    idp.signInAs({ ...grace, email_verified });
    expect(await browser(app).signIn()).toBe(toFailurePath('EMAIL_UNVERIFIED'));
  }
  idp.signInAs({ ...grace, email_verified: undefined });
  const session = browser(app);
  expect(await session.signIn(`/invitation/${id}`)).toBe(`/invitation/${id}`);
  expect((await app.client(session).auth.me.query()).user.email).toBe(email);
});

test('an invisible character in the name does not prevent a sign-in', async () => {
  await using world = await createWorld();
  const { app, idp } = world;
  const owner = app.client({ bearer: (await app.newUser()).bearer });
  await owner.invitation.create.mutate({ email, role: 'viewer' });
  idp.signInAs({ ...grace, name: 'Gr\u0000ace\u202e' });
  const session = browser(app);
  expect(await session.signIn()).toBe('/');
  expect((await app.client(session).auth.me.query()).user.name).toBe('Grace');
});

test('an invitation is refused when its inviter may no longer assign the role', async () => {
  await using world = await createWorld();
  const { app, idp } = world;
  const inviter = await app.newUser({ role: 'admin' });
  await app.client({ bearer: inviter.bearer }).invitation.create.mutate({ email, role: 'viewer' });
  await app.database.platform.member.updateMany({ where: { userId: inviter.id }, data: { role: 'operator' } });
  idp.signInAs(grace);
  expect(await browser(app).signIn()).toBe(toFailurePath('NOT_INVITED'));
});

test('a provider’s verified address is linked to the only account that claims it, and to none of several', async () => {
  await using world = await createWorld();
  const { app, idp } = world;
  const claiming = async (name: string) => {
    const inTenant = await app.database.createTenant({ name });
    const { id } = await app.newUser({ name, inTenant });
    const data = { email: `${id}@it0.invalid`, claimedEmail: email };
    return app.database.platform.user.update({ where: { id }, data });
  };
  const first = await claiming('First');
  idp.signInAs(grace);
  const firstSession = browser(app);
  expect(await firstSession.signIn()).toBe('/');
  expect((await app.client(firstSession).auth.me.query()).user).toMatchObject({ id: first.id, email });

  const other = { ...grace, sub: 'ada-1', email: 'ada@example.com' };
  const people = await Promise.all([app.newUser({ email: other.email, password }), claiming('Second')]);
  await app.database.platform.user.update({ where: { id: people[1].id }, data: { claimedEmail: other.email } });
  idp.signInAs(other);
  expect(await browser(app).signIn()).toBe(toFailurePath('NOT_INVITED'));
  const owner = app.client({ bearer: (await app.newUser()).bearer });
  expect((await getRefusal(owner.invitation.create.mutate({ email: other.email, role: 'viewer' }))).data.reason).toBe(
    'ALREADY_MEMBER',
  );
  await app.database.platform.member.deleteMany({ where: { userId: people[0].id } });
  await owner.invitation.create.mutate({ email: other.email, role: 'viewer' });
  const session = browser(app);
  expect(await session.signIn()).toBe('/');
  expect(people.map(({ id }) => id)).not.toContain((await app.client(session).auth.me.query()).user.id);
});

test('a sign-in without an invitation leads back to the page without an account', async () => {
  await using world = await createWorld();
  const { app, idp } = world;
  const owner = await app.newUser();
  const asOwner = app.client({ bearer: owner.bearer });
  const { id } = await asOwner.invitation.create.mutate({ email, role: 'viewer' });
  await asOwner.invitation.cancel.mutate({ id });
  idp.signInAs(grace);
  const before = await app.database.platform.user.count();
  expect(await browser(app).signIn()).toBe(toFailurePath('NOT_INVITED'));
  expect(await app.database.platform.user.count()).toBe(before);
});

test('an invited person gets an account and returns to the invitation', async () => {
  await using world = await createWorld();
  const { app, idp } = world;
  const owner = await app.newUser();
  const { id } = await app.client({ bearer: owner.bearer }).invitation.create.mutate({ email, role: 'viewer' });
  idp.signInAs({ ...grace, email: 'Grace@Example.com' });
  const session = browser(app);
  expect(await session.signIn(`/invitation/${id}`)).toBe(`/invitation/${id}`);
  const client = app.client(session);
  expect(await client.auth.me.query()).toMatchObject({ user: { name: 'Grace', email }, tenant: null });
  await client.invitation.accept.mutate({ id });
  expect(await client.auth.me.query()).toMatchObject({ tenant: { name: 'Acme', role: 'viewer' } });
  const second = browser(app);
  expect(await second.signIn()).toBe('/');
  expect((await app.client(second).auth.me.query()).user.name).toBe('Grace');
});

test('a provider’s sign-in does not bypass a second factor', async () => {
  await using world = await createWorld();
  const { app, idp } = world;
  const member = await app.newUser({ email, password });
  await verifyAddresses(app);
  idp.signInAs(grace);
  expect(await browser(app).signIn()).toBe('/');
  const other = { ...grace, sub: 'grace-2' };
  const client = app.client({ bearer: member.bearer });
  const { secret } = await client.secondFactor.begin.mutate({ password });
  await client.secondFactor.confirm.mutate({ code: totp(secret) });
  for (const claims of [grace, other]) {
    idp.signInAs(claims);
    const session = browser(app);
    expect(await session.signIn()).toBe(toFailurePath('SECOND_FACTOR_REQUIRED'));
    expect(session.cookie).not.toContain('session_token');
  }
  expect(await app.database.platform.account.count({ where: { providerId: 'oidc' } })).toBe(1);
});

test('an account with a second factor and an unverified address does not block an invitation, and keeps its data', async () => {
  for (const has of ['email', 'claim']) {
    await using world = await createWorld();
    const { app, idp } = world;
    const inTenant = await app.database.createTenant({ name: 'Elsewhere' });
    const first = await app.newUser({ inTenant, email, password });
    const client = app.client({ bearer: first.bearer });
    const { secret } = await client.secondFactor.begin.mutate({ password });
    const { token } = await client.secondFactor.confirm.mutate({ code: totp(secret) });
    const claim = { email: `${first.id}@it0.invalid`, claimedEmail: email };
    if (has === 'claim') await app.database.platform.user.update({ where: { id: first.id }, data: claim });
    idp.signInAs(grace);
    expect([has, await browser(app).signIn()]).toEqual([has, toFailurePath('SECOND_FACTOR_REQUIRED')]);
    const owner = app.client({ bearer: (await app.newUser()).bearer });
    const { id } = await owner.invitation.create.mutate({ email, role: 'viewer' });
    const session = browser(app);
    expect([has, await session.signIn(`/invitation/${id}`)]).toEqual([has, `/invitation/${id}`]);
    const { user } = await app.client(session).auth.me.query();
    expect(user).toMatchObject({ email });
    expect(user.id).not.toBe(first.id);
    expect(await app.client({ bearer: token! }).auth.me.query()).toMatchObject({ user: { id: first.id } });
    expect((await app.client().auth.signIn.mutate({ email, password, by: 'bearer' })).challenge).not.toBeNull();
  }
});

test('a sign-in by a provider waits for another transaction that assigns the address', async () => {
  await using world = await createWorld();
  const { app, idp } = world;
  const { platform, pool } = app.database;
  const [holder, other] = [await app.newUser({ name: 'Holder' }), await app.newUser({ name: 'Other' })];
  await platform.user.update({ where: { id: holder.id }, data: { claimedEmail: email } });
  const client = await pool.connect();
  await client.query('BEGIN');
  const address = await claimAddress(client, { userId: other.id, email });
  await client.query('UPDATE public."User" SET "email" = $2, "claimedEmail" = $3 WHERE "id" = $1', [
    ...[other.id, address.email, address.claimedEmail],
  ]);
  idp.signInAs(grace);
  const signingIn = browser(app).signIn();
  const WAITING = `SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`;
  await until(async () => (await pool.query(WAITING)).rowCount === 1);
  await client.query('COMMIT');
  client.release();
  expect(await signingIn).toBe(toFailurePath('NOT_INVITED'));
  const [one, two] = await Promise.all(
    [holder, other].map(({ id }) => platform.user.findUniqueOrThrow({ where: { id } })),
  );
  expect([one!.claimedEmail, two!.claimedEmail]).toEqual([email, email]);
});

test('a state or code that is forged, of another browser or already used is refused', async () => {
  await using world = await createWorld();
  const { app, idp } = world;
  await app.newUser({ email });
  idp.signInAs(grace);
  const [session, evil] = [browser(app), browser(app)];
  const callback = await session.toCallback();
  const refused = async (url: URL | string, by = session) => (await by.open(url)).location;
  const refusedAt = new URL(toFailurePath('PROVIDER_FAILED'), publicUrl);

  const forged = new URL(callback);
  forged.searchParams.set('state', 'x'.repeat(32));
  expect(await refused(forged)).toEqual(refusedAt);
  expect(await refused(callback, evil)).toEqual(refusedAt);
  for (const search of ['', '?state=', '?code=x', '?state=a&state=b&code=c', '?error=%3Cb%3E']) {
    expect(await refused(`/api/auth/callback/oidc${search}`)).toEqual(refusedAt);
  }

  const callbackAgain = await session.toCallback();
  expect(await session.follow(callbackAgain)).toEqual(new URL('/', publicUrl));
  expect(await refused(callbackAgain)).toEqual(refusedAt);
  const replayed = await evil.toCallback();
  replayed.searchParams.set('code', callbackAgain.searchParams.get('code')!);
  expect(await refused(replayed, evil)).toEqual(refusedAt);
  expect(evil.cookie).not.toContain('session_token');
});

test('a sign-in never redirects to another site', async () => {
  await using world = await createWorld();
  const { app } = world;
  for (const to of [
    'https://evil.example',
    '//evil.example',
    '/\\evil.example',
    '/\t/evil.example',
    'javascript:x',
    '',
  ]) {
    expect(await browser(app).signIn(to)).toBe(toFailurePath('INVALID_INPUT'));
  }
  const repeated = await browser(app).open('/api/auth/sign-in/oidc?to=/&to=/');
  expect(repeated.location?.search).toBe('?reason=INVALID_INPUT');
});

test('an unavailable provider is reported, does not delay passwords, and works again after recovery', async () => {
  await using world = await createWorld();
  const { app, idp } = world;
  await app.newUser({ email, password });
  await verifyAddresses(app);
  idp.signInAs(grace);
  idp.goDown();
  const session = browser(app);
  expect(await session.signIn()).toBe(toFailurePath('PROVIDER_UNREACHABLE'));
  expect((await session.open('/api/auth/callback/oidc?state=x&code=y')).location?.search).toBe(
    '?reason=PROVIDER_UNREACHABLE',
  );
  expect(await app.client().auth.signIn.mutate({ email, password })).toMatchObject({ challenge: null });
  idp.recover();
  const callback = await session.toCallback();
  idp.goDown();
  expect((await session.open(callback)).location?.search).toBe('?reason=PROVIDER_FAILED');
  idp.recover();
  expect(await session.signIn()).toBe('/');
});

test('a sign-in declined at the provider leads back to the page, without the provider’s message', async () => {
  await using world = await createWorld();
  const { app, idp } = world;
  idp.decline();
  expect(await browser(app).signIn()).toBe(toFailurePath('PROVIDER_FAILED'));
});

test('a sign-in that began on one server completes on another with a newer secret', async () => {
  const [secret, next] = [randomUUID(), randomUUID()];
  await using world = await createWorld({ secret, secretNext: next });
  const { app, idp } = world;
  await app.newUser({ email });
  idp.signInAs(grace);
  const other = await app.another({ secret: next, secretBefore: secret });
  const session = browser(app);
  const { location } = await session.open(await session.toCallback('/here'), `http://127.0.0.1:${other.port}`);
  expect(location?.pathname).toBe('/here');
  expect((await app.client(session).auth.me.query()).user.email).toBe(email);
});

test('no other route of better-auth responds, and none without a provider', async () => {
  await using world = await createWorld();
  await using plainApp = await testApp();
  const paths = [
    'error?error=x',
    'ok',
    'get-session',
    'sign-in/social',
    'sign-up/email',
    'reset-password/x',
    'callback/x',
  ];
  const none = ['sign-in/oidc', 'callback/oidc'];
  const addresses = [
    ...paths.map((path) => [world.app, path] as const),
    ...none.map((path) => [plainApp, path] as const),
  ];
  for (const [app, path] of addresses) {
    for (const method of ['GET', 'POST']) {
      const response = await fetch(`${app.url}/api/auth/${path}`, { method, redirect: 'manual' });
      expect([path, response.status, await response.json()]).toMatchObject([path, 404, { reason: 'NOT_FOUND' }]);
    }
  }
  expect(await plainApp.client().auth.ways.query()).toEqual({ oidc: false, mail: false });
  expect(await world.app.client().auth.ways.query()).toMatchObject({ oidc: true });
});
