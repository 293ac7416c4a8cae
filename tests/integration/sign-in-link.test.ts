import { createSignInLink } from '@it0/api/auth/sign-in-link';
import { testApp } from '@it0/tests/support/app';
import { browserCookies } from '@it0/tests/support/browser-cookies';
import { getRefusal } from '@it0/tests/support/refusal';
import { redeemSignInLink } from '@it0/tests/support/sign-in-link';
import { expect, test } from 'vitest';

async function createWorld(options: Parameters<typeof testApp>[0] = {}) {
  const app = await testApp(options);
  const user = await app.newUser();
  const token = await createSignInLink(app.database, user.id);
  const link = `${app.url}/sign-in/${token}`;
  return { app, user, token, link, [Symbol.asyncDispose]: () => app[Symbol.asyncDispose]() };
}
const readReason = async (response: Response) => (await response.json()).error?.data.reason ?? 'ok';

test('a sign-in link signs in once, by its button', async () => {
  await using world = await createWorld();
  const { app, user, token, link } = world;
  expect(await app.client().auth.showSignInLink.query({ token })).toEqual({
    ...{ userId: user.id, name: user.name, email: user.email },
  });
  const signedIn = await redeemSignInLink(link, { origin: app.url });
  const cookie = signedIn.headers.get('set-cookie')!;
  expect(cookie).toMatch(/HttpOnly/);
  expect(cookie).toMatch(/SameSite=Lax/);
  expect((await app.client({ cookie: cookie.split(';')[0]! }).auth.me.query()).user.id).toBe(user.id);

  const second = await redeemSignInLink(link);
  expect([await readReason(second), second.headers.get('set-cookie')]).toEqual(['SIGN_IN_LINK_INVALID', null]);
  expect((await getRefusal(app.client().auth.showSignInLink.query({ token }))).data.reason).toBe(
    'SIGN_IN_LINK_INVALID',
  );
});

test('a sign-in link is used up only by its button: not by previews, images, prefetches, HEAD or other sites', async () => {
  await using world = await createWorld();
  const { app, user, token, link } = world;
  const requests: RequestInit[] = [
    {},
    { method: 'HEAD' },
    { method: 'OPTIONS' },
    { method: 'POST' },
    { headers: { 'sec-purpose': 'prefetch;prerender' } },
    { headers: { 'user-agent': 'Slackbot-LinkExpanding 1.0', accept: 'text/html' } },
    { headers: { 'sec-fetch-dest': 'image', 'sec-fetch-site': 'cross-site', accept: 'image/*' } },
  ];
  const calls = ['auth.redeemSignInLink', 'auth.showSignInLink'].map(
    (path) => `${app.url}/trpc/${path}?input=${encodeURIComponent(JSON.stringify({ token }))}`,
  );
  for (const address of [link, ...calls]) {
    for (const request of requests) {
      const response = await fetch(address, { redirect: 'manual', ...request });
      expect([address, request, response.headers.get('set-cookie')]).toEqual([address, request, null]);
    }
  }
  for (const origin of ['https://evil.example', 'null', 'http://localhost:1']) {
    const foreign = await redeemSignInLink(link, { origin });
    expect([origin, foreign.status, foreign.headers.get('set-cookie')]).toEqual([origin, 403, null]);
  }
  // A form of another page cannot send JSON.
  for (const type of ['text/plain', 'application/x-www-form-urlencoded']) {
    const form = await redeemSignInLink(link, { 'content-type': type });
    expect([type, form.headers.get('set-cookie')]).toEqual([type, null]);
  }
  expect(await app.client().auth.showSignInLink.query({ token })).toMatchObject({ userId: user.id });
  expect((await redeemSignInLink(link)).status).toBe(200);
});

test('a sign-in link that is used concurrently on two servers signs in once', async () => {
  await using world = await createWorld();
  const { app, token } = world;
  const other = await app.another();
  const responses = await Promise.all(
    [app.url, other.url, app.url, other.url].map((url) => redeemSignInLink(`${url}/sign-in/${token}`)),
  );
  expect((await Promise.all(responses.map(readReason))).sort()).toEqual([
    ...Array.from({ length: 3 }, () => 'SIGN_IN_LINK_INVALID'),
    'ok',
  ]);
});

test('a sign-in link is refused when its person is banned or it has expired', async () => {
  await using world = await createWorld();
  const { app, user, link } = world;
  const { platform } = app.database;
  await platform.user.update({ where: { id: user.id }, data: { banned: true } });
  expect(await readReason(await redeemSignInLink(link))).toBe('SIGN_IN_LINK_INVALID');
  await platform.user.update({ where: { id: user.id }, data: { banned: false } });
  await platform.signInLink.updateMany({ data: { expiresAt: new Date(0) } });
  expect(await readReason(await redeemSignInLink(link))).toBe('SIGN_IN_LINK_INVALID');
});

test('a sign-in over http is refused and keeps the link when the public URL is https', async () => {
  const publicUrl = 'https://ops.example.com';
  await using world = await createWorld({ publicUrl });
  const { app, token, link } = world;
  expect(await app.client().auth.ways.query()).toMatchObject({ address: publicUrl });
  const password = 'correct horse battery';
  const { email } = await app.newUser({ password });
  const owner = app.client({ bearer: (await app.newUser()).bearer });
  const invited = { email: 'new@example.com', role: 'viewer' as const };
  const { id } = await owner.invitation.create.mutate(invited);
  const post = (path: string, input: object, origin: string) =>
    browserCookies().fetch(`${app.url}/trpc/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin },
      body: JSON.stringify(input),
    });
  const ways = {
    'auth.redeemSignInLink': { token },
    'auth.signIn': { email, password },
    'invitation.join': { id, name: 'New', password },
  };
  for (const [path, input] of Object.entries(ways)) {
    const refused = await post(path, input, app.url);
    expect([path, await readReason(refused), refused.status]).toEqual([path, 'ADDRESS_INSECURE', 412]);
    expect(refused.headers.get('set-cookie')).toBeNull();
  }
  for (const [path, input] of Object.entries(ways)) {
    const response = await post(path, input, publicUrl);
    expect([path, await readReason(response)]).toEqual([path, 'ok']);
    expect(response.headers.get('set-cookie')).toMatch(/Secure/);
  }
  expect(await readReason(await redeemSignInLink(link, { origin: publicUrl }))).toBe('SIGN_IN_LINK_INVALID');
});
