import { testApp, toAuthHeaders } from '@it0/tests/support/app';
import { getRefusal } from '@it0/tests/support/refusal';
import { forgetLastCode, totp } from '@it0/tests/support/totp';
import { expect, test } from 'vitest';

const password = 'correct horse battery';
const byBearer = { by: 'bearer' } as const;

test('a person signs in with the address in any case', async () => {
  await using app = await testApp();
  const { id, email } = await app.newUser({ email: 'ada@example.com', password });
  const answer = await app.client().auth.signIn.mutate({ email: ' Ada@Example.com', password, ...byBearer });
  expect(email).toBe('ada@example.com');
  if (answer.challenge !== null) throw new Error('A second factor was required.');
  const me = await app.client({ bearer: answer.token! }).auth.me.query();
  expect(me).toMatchObject({ user: { id, email }, tenant: { role: 'owner' }, by: 'login' });
});

test('a browser gets its login only as an HttpOnly cookie', async () => {
  await using app = await testApp();
  const { email, id } = await app.newUser({ password });
  const response = await fetch(`${app.url}/trpc/auth.signIn`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: app.url },
    body: JSON.stringify({ email, password }),
  });
  const cookie = response.headers.getSetCookie().find((line) => line.includes('session_token'))!;
  expect(cookie).toMatch(/^it0_[0-9a-f]{8}\.session_token=/);
  expect(cookie).toMatch(/HttpOnly/);
  expect(cookie).toMatch(/SameSite=Lax/);
  expect(await response.json()).toMatchObject({ result: { data: { challenge: null, token: null } } });
  const browser = app.client({ cookie: cookie.split(';')[0]! });
  expect((await browser.auth.me.query()).user.id).toBe(id);
  const [device] = await browser.device.list.query();
  expect(device).toMatchObject({ isThis: true, ip: '127.0.0.1' });
});

test('a wrong password and an unknown address get the same response', async () => {
  await using app = await testApp();
  const { email } = await app.newUser({ password });
  const { auth } = app.client();
  const refusals = await Promise.all([
    getRefusal(auth.signIn.mutate({ email, password: 'not the password' })),
    getRefusal(auth.signIn.mutate({ email: 'nobody@example.com', password })),
  ]);
  expect(refusals[0]).toEqual(refusals[1]);
  expect(refusals[0]).toMatchObject({ data: { reason: 'WRONG_CREDENTIALS', httpStatus: 401 } });
});

test('sign-in attempts beyond the rate limit are refused with the time to wait', async () => {
  await using app = await testApp();
  const { email } = await app.newUser({ password });
  const { auth } = app.client();
  for (let n = 0; n < 10; n++) await getRefusal(auth.signIn.mutate({ email, password: 'not the password' }));
  const refused = await getRefusal(auth.signIn.mutate({ email, password }));
  expect(refused).toMatchObject({ data: { reason: 'TOO_MANY_REQUESTS', httpStatus: 429 } });
  expect(refused.data.retryAfter).toBeGreaterThan(0);
  const response = await fetch(`${app.url}/trpc/auth.signIn`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password }),
  });
  expect([response.status, Number(response.headers.get('retry-after')) > 0]).toEqual([429, true]);
  // The limit is stored in the database, so it applies on another server too.
  const other = await app.another();
  const otherClient = app.client({}, other.url).auth.signIn.mutate({ email, password });
  expect(await getRefusal(otherClient)).toMatchObject({ data: { reason: 'TOO_MANY_REQUESTS' } });
});

test('signing out ends the login and clears the cookie', async () => {
  await using app = await testApp();
  const user = await app.newUser();
  const response = await fetch(`${app.url}/trpc/auth.signOut`, {
    method: 'POST',
    headers: { cookie: user.cookie, 'content-type': 'application/json' },
  });
  expect(response.headers.get('set-cookie')).toMatch(/session_token=;.*Expires=Thu, 01 Jan 1970/);
  expect(await getRefusal(app.client(user).auth.me.query())).toMatchObject({ data: { reason: 'NOT_SIGNED_IN' } });
});

test('a login with a wrong signature is refused', async () => {
  await using app = await testApp();
  const { bearer } = await app.newUser();
  const [token, signature] = bearer.split('.') as [string, string];
  const forged = [
    token,
    `${token}.`,
    `${token}.${signature.slice(1)}`,
    `x${token}.${signature}`,
    `.${signature}`,
    `${token}.${signature}.x`,
  ];
  for (const wrong of forged) {
    const answer = await fetch(`${app.url}/trpc/auth.me`, { headers: toAuthHeaders({ bearer: wrong }) });
    expect([wrong, answer.status]).toEqual([wrong, 401]);
  }
});

test('a sign-in requires the second factor after its first code was confirmed', async () => {
  await using app = await testApp();
  const { email, bearer } = await app.newUser({ password });
  const client = app.client({ bearer });
  expect(await getRefusal(client.secondFactor.begin.mutate({ password: 'not the password' }))).toMatchObject({
    data: { reason: 'WRONG_PASSWORD' },
  });
  const { secret, uri, backupCodes } = await client.secondFactor.begin.mutate({ password });
  expect(uri).toMatch(/^otpauth:\/\/totp\/IT0:/);

  const before = await app.client().auth.signIn.mutate({ email, password, ...byBearer });
  expect(before.challenge).toBeNull();
  expect(await getRefusal(client.secondFactor.confirm.mutate({ code: '000000' }))).toMatchObject({
    data: { reason: 'WRONG_CODE' },
  });
  const { token } = await client.secondFactor.confirm.mutate({ code: totp(secret) });
  const renewedClient = app.client({ bearer: token! });
  expect(await renewedClient.account.mine.query()).toMatchObject({ secondFactor: true });

  const anonymous = app.client();
  const requestChallenge = async () => {
    const { challenge } = await anonymous.auth.signIn.mutate({ email, password, ...byBearer });
    if (!challenge) throw new Error('No second factor was required.');
    return challenge;
  };
  const challenge = await requestChallenge();
  expect(await getRefusal(anonymous.auth.verifyCode.mutate({ challenge, code: '000000' }))).toMatchObject({
    data: { reason: 'WRONG_CODE' },
  });
  await forgetLastCode(app.database);
  const second = await anonymous.auth.verifyCode.mutate({ challenge, code: totp(secret), ...byBearer });
  expect((await app.client({ bearer: second.token! }).auth.me.query()).user.email).toBe(email);
  expect(await getRefusal(anonymous.auth.verifyCode.mutate({ challenge, code: totp(secret) }))).toMatchObject({
    data: { reason: 'WRONG_CREDENTIALS' },
  });

  const withBackup = {
    challenge: await requestChallenge(),
    code: backupCodes[0]!,
    kind: 'backup',
    ...byBearer,
  } as const;
  expect((await anonymous.auth.verifyCode.mutate(withBackup)).token).toBeTruthy();
  const reused = { ...withBackup, challenge: await requestChallenge() };
  expect(await getRefusal(anonymous.auth.verifyCode.mutate(reused))).toMatchObject({ data: { reason: 'WRONG_CODE' } });

  await renewedClient.secondFactor.remove.mutate({ password });
  expect((await anonymous.auth.signIn.mutate({ email, password })).challenge).toBeNull();
});

test('changePassword requires the old password and signs out all other devices', async () => {
  await using app = await testApp();
  const { email, bearer } = await app.newUser({ password });
  const client = app.client({ bearer });
  const otherLogin = await app.client().auth.signIn.mutate({ email, password, ...byBearer });
  const next = 'a password of tomorrow';
  expect(await getRefusal(client.account.changePassword.mutate({ current: 'wrong', next }))).toMatchObject({
    data: { reason: 'WRONG_PASSWORD' },
  });
  expect(await getRefusal(client.account.changePassword.mutate({ current: password, next: 'short' }))).toMatchObject({
    data: { reason: 'INVALID_INPUT', issues: { fieldErrors: { next: expect.anything() } } },
  });
  await client.account.changePassword.mutate({ current: password, next });
  expect(await client.account.mine.query()).toMatchObject({ hasPassword: true });
  const otherClient = app.client({ bearer: 'token' in otherLogin ? otherLogin.token! : '' });
  expect(await getRefusal(otherClient.auth.me.query())).toMatchObject({ data: { reason: 'NOT_SIGNED_IN' } });
  expect(await getRefusal(app.client().auth.signIn.mutate({ email, password }))).toMatchObject({
    data: { reason: 'WRONG_CREDENTIALS' },
  });
  await app.client().auth.signIn.mutate({ email, password: next });
});

test('the first owner, signed in by a link, can set an address and a password', async () => {
  await using app = await testApp();
  const { platform } = app.database;
  const owner = await platform.user.findFirstOrThrow({ where: { name: 'Owner' } });
  const login = await app.newLogin(owner.id);
  const client = app.client(login);
  expect(await client.account.mine.query()).toMatchObject({ email: null, hasPassword: false });
  expect(await getRefusal(client.account.setPassword.mutate({ password }))).toMatchObject({
    data: { reason: 'INVALID_INPUT' },
  });
  const { email: taken } = await app.newUser();
  expect(await getRefusal(client.account.setEmail.mutate({ email: taken }))).toMatchObject({
    data: { reason: 'EMAIL_TAKEN' },
  });
  await client.account.setEmail.mutate({ email: 'Owner@example.com' });
  await client.account.setPassword.mutate({ password });
  await client.account.rename.mutate({ name: 'Grace' });
  expect(await client.account.mine.query()).toMatchObject({
    name: 'Grace',
    email: 'owner@example.com',
    hasPassword: true,
  });
  expect(await getRefusal(client.account.setPassword.mutate({ password }))).toMatchObject({
    data: { reason: 'WRONG_PASSWORD' },
  });
  expect(await getRefusal(client.account.setEmail.mutate({ email: 'x@example.com' }))).toMatchObject({
    data: { reason: 'WRONG_PASSWORD' },
  });
  await client.account.setEmail.mutate({ email: 'x@example.com', password });
  await app.client().auth.signIn.mutate({ email: 'x@example.com', password });
});

test('a login in use is extended once a day', async () => {
  await using app = await testApp();
  const user = await app.newUser();
  const { loginSession } = app.database.platform;
  const inDays = (days: number) => new Date(Date.now() + days * 24 * 60 * 60_000);
  await loginSession.updateMany({ data: { updatedAt: inDays(-2), expiresAt: inDays(1) } });
  const ask = () => fetch(`${app.url}/trpc/auth.me`, { headers: toAuthHeaders({ cookie: user.cookie }) });
  const renewed = (await ask()).headers.get('set-cookie');
  expect(renewed?.split(';')[0]).toBe(decodeURIComponent(user.cookie));
  const { expiresAt } = await loginSession.findFirstOrThrow({ where: { userId: user.id } });
  expect(expiresAt.getTime()).toBeGreaterThan(inDays(29).getTime());
  expect((await ask()).headers.get('set-cookie')).toBeNull();

  await loginSession.updateMany({ data: { updatedAt: inDays(-2) } });
  const { bearer } = user;
  const byBearer = await fetch(`${app.url}/trpc/auth.me`, { headers: toAuthHeaders({ bearer }) });
  expect([byBearer.status, byBearer.headers.get('set-cookie')]).toEqual([200, null]);
});
