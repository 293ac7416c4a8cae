import { type TestApp, testApp } from '@it0/tests/support/app';
import { expect, test } from 'vitest';

const password = 'correct horse battery';
const wrong = 'wrong horse battery';
/** Returns the cookies of a response except the login, like a browser after the login has ended. */
const readCookies = (response: Response) =>
  response.headers
    .getSetCookie()
    .filter((line) => !line.includes('session_token'))
    .map((line) => line.split(';', 1)[0])
    .join('; ');

/** Signs in with a client address in `x-forwarded-for` and the cookies of that browser. */
async function signIn(app: TestApp, address: string, credentials: { email: string; password: string }, cookie = '') {
  const response = await fetch(`${app.url}/trpc/auth.signIn`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-forwarded-for': address, cookie },
    body: JSON.stringify(credentials),
  });
  const { error } = (await response.json()) as { error?: { data: { reason: string } } };
  return { reason: error?.data.reason ?? 'SIGNED_IN', cookie: readCookies(response), response };
}

const listAddresses = (count: number, address: (n: number) => string) =>
  Array.from({ length: count }, (_, n) => address(n));

async function trySignIns(app: TestApp, addresses: string[], email: string) {
  const reasons: string[] = [];
  for (const address of addresses) reasons.push((await signIn(app, address, { email, password: wrong })).reason);
  return reasons;
}

const tenAndThen = (refused: number) => [
  ...Array(10).fill('WRONG_CREDENTIALS'),
  ...Array(refused).fill('TOO_MANY_REQUESTS'),
];

test.each([
  ['the addresses of one IPv6 network', listAddresses(12, (n) => `2001:db8:0:1::${n + 1}`)],
  ['spellings of one IPv4 address', listAddresses(12, (n) => (n % 2 ? '198.51.100.7' : '::ffff:198.51.100.7'))],
  ['an address with the ports that a proxy adds', listAddresses(12, (n) => `198.51.100.9:${40_000 + n}`)],
  ['an IPv6 address with brackets and ports', listAddresses(12, (n) => `[2001:db8::9]:${40_000 + n}`)],
  ['no address', listAddresses(12, (n) => `unknown-${n}`)],
  ['an invalid address before one', listAddresses(12, (n) => `198.51.100.${n}, unknown-${n}`)],
  ['an empty word', listAddresses(12, () => '')],
])('sign-in attempts for one account are counted together from %s', async (_name, addresses) => {
  await using app = await testApp({ trustedProxies: ['loopback'] });
  const { email } = await app.newUser({ password });
  expect(await trySignIns(app, addresses, email)).toEqual(tenAndThen(2));
});

test('x-forwarded-for is ignored when no proxy is trusted', async () => {
  await using app = await testApp();
  const { email } = await app.newUser({ password });
  expect(
    await trySignIns(
      app,
      listAddresses(12, (n) => `198.51.100.${n}`),
      email,
    ),
  ).toEqual(tenAndThen(2));
});

test('an account allows thirty attempts per hour over all addresses, and a known device can still sign in', async () => {
  await using app = await testApp({ trustedProxies: ['loopback'] });
  const { email } = await app.newUser({ password });
  const other = await app.newUser({ password });
  const device = await signIn(app, '203.0.113.1', { email, password });
  const strangersDevice = await signIn(app, '203.0.113.2', { email: other.email, password });
  const addresses = listAddresses(35, (n) => `198.51.100.${n}`);
  const reasons = await trySignIns(app, addresses, email);
  expect(reasons.filter((reason) => reason === 'WRONG_CREDENTIALS')).toHaveLength(30);
  expect(reasons.slice(30)).toEqual(Array(5).fill('SIGN_IN_PAUSED'));
  // The response to the right password from a new address is the same.
  const guessed = await signIn(app, '198.51.100.200', { email, password });
  expect(guessed.reason).toBe('SIGN_IN_PAUSED');
  expect(Number(guessed.response.headers.get('retry-after'))).toBeGreaterThan(0);
  // A known device can sign in from any address, also from an attacker's network. A device of another person cannot.
  expect((await signIn(app, '198.51.100.0', { email, password }, device.cookie)).reason).toBe('SIGNED_IN');
  expect((await signIn(app, '198.51.100.0', { email, password }, strangersDevice.cookie)).reason).toBe(
    'SIGN_IN_PAUSED',
  );
  const forged = device.cookie.replace(/(device=[^.]+\.).{8}/, '$1AAAAAAAA');
  expect((await signIn(app, '198.51.100.0', { email, password }, forged)).reason).toBe('SIGN_IN_PAUSED');
  // Other accounts are not affected.
  expect((await signIn(app, '198.51.100.0', { email: other.email, password })).reason).toBe('SIGNED_IN');
});

test('a known device has its own ten attempts', async () => {
  await using app = await testApp({ trustedProxies: ['loopback'] });
  const { email } = await app.newUser({ password });
  const { cookie } = await signIn(app, '203.0.113.1', { email, password });
  const reasons: string[] = [];
  for (let n = 0; n < 12; n++) {
    reasons.push((await signIn(app, `198.51.100.${n}`, { email, password: wrong }, cookie)).reason);
  }
  expect(reasons).toEqual(tenAndThen(2));
});

test('attempts from the same address do not prevent a signed-in person from changing the password', async () => {
  await using app = await testApp({ trustedProxies: ['loopback'] });
  const user = await app.newUser({ password });
  await trySignIns(
    app,
    listAddresses(12, () => '198.51.100.7'),
    user.email,
  );
  const response = await fetch(`${app.url}/trpc/account.changePassword`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-forwarded-for': '198.51.100.7', cookie: user.cookie },
    body: JSON.stringify({ current: password, next: 'another horse battery' }),
  });
  expect(response.status).toBe(200);
});

test('successful sign-ins from many addresses do not count as attempts', async () => {
  await using app = await testApp({ trustedProxies: ['loopback'] });
  const { email } = await app.newUser({ password });
  for (let n = 0; n < 35; n++) {
    expect((await signIn(app, `198.51.100.${n}`, { email, password })).reason).toBe('SIGNED_IN');
  }
});
