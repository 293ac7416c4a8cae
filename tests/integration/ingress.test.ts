import { type TestApp, testApp, toAuthHeaders } from '@it0/tests/support/app';
import { expect, test } from 'vitest';

const password = 'correct horse battery';

const post = (app: TestApp, path: string, body: object, headers: Record<string, string> = {}) =>
  fetch(`${app.url}/trpc/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

test('x-forwarded-for counts only from a trusted proxy', async () => {
  for (const [trustedProxies, ip] of [
    [[], '127.0.0.1'],
    [['loopback'], '203.0.113.7'],
  ] as const) {
    await using app = await testApp({ trustedProxies: [...trustedProxies] });
    const { email } = await app.newUser({ password });
    const from = { 'x-forwarded-for': '198.51.100.1, 203.0.113.7', 'user-agent': 'a test' };
    const signedIn = await post(app, 'auth.signIn', { email, password, by: 'bearer' }, from);
    const { token } = ((await signedIn.json()) as { result: { data: { token: string } } }).result.data;
    const [device] = await app.client({ bearer: token }).device.list.query();
    expect(device).toMatchObject({ ip, userAgent: 'a test' });
  }
});

test('with a proxy secret, the addresses of a request count only when it carries the secret', async () => {
  const proxySecret = 'a secret of the proxy';
  await using app = await testApp({ trustedProxies: ['loopback'], proxySecret });
  const { email } = await app.newUser({ password });
  const findAddress = async (headers: Record<string, string>) => {
    const from = { 'x-forwarded-for': '203.0.113.7', ...headers };
    const signedIn = await post(app, 'auth.signIn', { email, password, by: 'bearer' }, from);
    const { token } = ((await signedIn.json()) as { result: { data: { token: string } } }).result.data;
    return (await app.client({ bearer: token }).device.list.query()).find(({ isThis }) => isThis)?.ip;
  };
  expect(await findAddress({ 'x-proxy-secret': proxySecret })).toBe('203.0.113.7');
  for (const forged of [undefined, '', 'a secret of the agent', `${proxySecret} `.toUpperCase()])
    expect(await findAddress(forged === undefined ? {} : { 'x-proxy-secret': forged })).toBe('127.0.0.1');
  const wrong = (n: number) => ({ 'x-forwarded-for': `203.0.113.${n}`, 'x-proxy-secret': 'none' });
  const tried = await Promise.all(
    Array.from({ length: 11 }, (_, n) => post(app, 'auth.signIn', { email, password: 'wrong' }, wrong(n))),
  );
  expect(tried.filter(({ status }) => status === 429)).toHaveLength(1);
});

test('too many attempts from one address do not lock out another', async () => {
  await using app = await testApp({ trustedProxies: ['loopback'] });
  const { email } = await app.newUser({ password });
  const from = (address: string) => ({ 'x-forwarded-for': address });
  const tried = await Promise.all(
    Array.from({ length: 11 }, () => post(app, 'auth.signIn', { email, password: 'wrong' }, from('203.0.113.7'))),
  );
  expect(tried.filter(({ status }) => status === 429)).toHaveLength(1);
  expect((await post(app, 'auth.signIn', { email, password }, from('203.0.113.7'))).status).toBe(429);
  expect((await post(app, 'auth.signIn', { email, password }, from('203.0.113.8'))).status).toBe(200);
});

test('behind https the login cookie is secure, and the public address is an allowed origin', async () => {
  await using app = await testApp({ publicUrl: 'https://it0.example.com' });
  const { email } = await app.newUser({ password });
  const fromPage = { origin: 'https://it0.example.com' };
  const signedIn = await post(app, 'auth.signIn', { email, password }, fromPage);
  const cookie = signedIn.headers.getSetCookie().find((line) => line.includes('session_token'))!;
  expect(cookie).toMatch(/^__Host-it0_[0-9a-f]{8}\.session_token=.*; Path=\/;.*; Secure/);
  const me = await fetch(`${app.url}/trpc/auth.me`, { headers: { ...fromPage, cookie: cookie.split(';')[0]! } });
  expect(me.status).toBe(200);
  const foreign = { ...toAuthHeaders({ cookie: cookie.split(';')[0]! }), origin: 'https://it0.example.org' };
  expect((await post(app, 'auth.signOut', {}, foreign)).status).toBe(403);
});

test('a login cookie with the former name is accepted over https, and renamed', async () => {
  await using app = await testApp({ publicUrl: 'https://it0.example.com' });
  const { cookie } = await app.newUser();
  const ask = (cookie: string) => fetch(`${app.url}/trpc/auth.me`, { headers: { cookie } });
  const response = await ask(`__Secure-${cookie}`);
  const [present, old] = response.headers.getSetCookie();
  expect([response.status, present, old]).toEqual([
    200,
    expect.stringMatching(/^__Host-it0_\w+\.session_token=[^;]+; .*Secure/),
    expect.stringMatching(/^__Secure-it0_\w+\.session_token=; .*1970/),
  ]);
  const renewed = await ask(present!.split(';')[0]!);
  expect([renewed.status, renewed.headers.getSetCookie()]).toEqual([200, []]);
  // A cookie without the prefix could be set by any host below the same domain.
  expect((await ask(cookie)).status).toBe(401);
});

test('no site may frame the page, and HSTS is sent when the public address is https', async () => {
  for (const [publicUrl, hsts] of [
    [undefined, null],
    ['http://it0.example.com', null],
    ['https://it0.example.com', 'max-age=31536000'],
  ] as const) {
    await using app = await testApp({ publicUrl });
    const { headers } = await fetch(`${app.url}/healthz`);
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(headers.get('strict-transport-security')).toBe(hsts);
  }
});
