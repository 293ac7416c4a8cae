import { toFullWidth } from '@it0/contracts/full-width.fixture';
import { type TestApp, testApp } from '@it0/tests/support/app';
import { getOutcome, getReason } from '@it0/tests/support/refusal';
import { forgetLastCode, totp } from '@it0/tests/support/totp';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

const password = 'correct horse battery';
const STEP_MS = 30_000;

// The clock is stopped, so that a code stays in the same step during a slow test.
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: Date.now() }));
afterEach(() => void vi.useRealTimers());

/** Sets up a person with a second factor and unused codes. */
async function createWorld() {
  const app = await testApp();
  const { email, bearer, id } = await app.newUser({ password });
  const { secret, backupCodes, uri } = await app.client({ bearer }).secondFactor.begin.mutate({ password });
  await app.client({ bearer }).secondFactor.confirm.mutate({ code: totp(secret) });
  await forgetLastCode(app.database);
  const requestChallenge = async (at = app.url) => {
    const { challenge } = await app.client({}, at).auth.signIn.mutate({ email, password, by: 'bearer' });
    return challenge!;
  };
  /** Signs in with the password and this code. Returns the outcome. */
  async function tryCode(code: string, kind: 'app' | 'backup' = 'app', at = app.url) {
    const response = app.client({}, at).auth.verifyCode.mutate({
      ...{ challenge: await requestChallenge(at), code, kind, by: 'bearer' },
    });
    return getOutcome(response, 'signed in');
  }
  return { app, id, email, secret, backupCodes, uri, tryCode, [Symbol.asyncDispose]: () => app[Symbol.asyncDispose]() };
}
const lastStep = async (app: TestApp) => (await app.database.platform.twoFactor.findFirstOrThrow()).lastStep;

test('an authenticator code is accepted once, and earlier codes are refused after it', async () => {
  await using world = await createWorld();
  const { app, secret, tryCode } = world;
  const now = Date.now();
  const [earlier, code, later] = [totp(secret, now - STEP_MS), totp(secret, now), totp(secret, now + STEP_MS)];
  expect(await tryCode(code)).toBe('signed in');
  expect(await lastStep(app)).toBe(Math.floor(now / STEP_MS));
  expect(await tryCode(code)).toBe('WRONG_CODE');
  expect(await tryCode(earlier)).toBe('WRONG_CODE');
  expect(await tryCode(later)).toBe('signed in');
  expect(await tryCode(later)).toBe('WRONG_CODE');
  expect(await tryCode(code)).toBe('WRONG_CODE');
});

test('the code that confirmed a second factor cannot be used to sign in', async () => {
  await using app = await testApp();
  const { email, bearer } = await app.newUser({ password });
  const { secret } = await app.client({ bearer }).secondFactor.begin.mutate({ password });
  const code = totp(secret);
  const { token } = await app.client({ bearer }).secondFactor.confirm.mutate({ code });
  const { challenge } = await app.client().auth.signIn.mutate({ email, password });
  const second = app.client().auth.verifyCode.mutate({ challenge: challenge!, code });
  expect(await getReason(second)).toBe('WRONG_CODE');
  const confirmed = app.client({ bearer: token! }).secondFactor.confirm.mutate({ code });
  expect(await getReason(confirmed)).toBe('WRONG_CODE');
});

test('a code that is used concurrently on two servers signs in once', async () => {
  await using world = await createWorld();
  const { app, secret, backupCodes, tryCode } = world;
  const other = await app.another();
  const code = totp(secret);
  for (const [usedCode, kind] of [
    [code, 'app'],
    [backupCodes[0]!, 'backup'],
  ] as const) {
    const outcomes = await Promise.all(
      [app.url, other.url, app.url, other.url].map((at) => tryCode(usedCode, kind, at)),
    );
    expect(outcomes.filter((outcome) => outcome === 'signed in')).toHaveLength(1);
    expect(outcomes).not.toContain('INTERNAL');
    expect(await tryCode(usedCode, kind)).toBe('WRONG_CODE');
  }
});

test('wrong codes are counted for the rate limit and do not use up a code', async () => {
  await using world = await createWorld();
  const { app, secret, email } = world;
  const { challenge } = await app.client().auth.signIn.mutate({ email, password });
  const verify = (code: string) => app.client().auth.verifyCode.mutate({ challenge: challenge!, code, by: 'bearer' });
  const wrong = totp(secret) === '000000' ? '000001' : '000000';
  for (let n = 0; n < 5; n++) expect(await getReason(verify(wrong))).toBe('WRONG_CODE');
  expect(await getReason(verify(wrong))).toBe('TOO_MANY_REQUESTS');
  expect(await lastStep(app)).toBeNull();
});

test('verifyCode accepts a code with separators or in full width', async () => {
  await using world = await createWorld();
  const { app, secret, backupCodes, tryCode } = world;
  const halves = (code: string, between: string) => code.slice(0, 3) + between + code.slice(3);
  const spellings = [
    (code: string) => halves(code, ' '),
    (code: string) => halves(code, '\u00a0'),
    (code: string) => halves(code, '-'),
    (code: string) => [...code].join(' '),
    toFullWidth,
  ];
  for (const spell of spellings) {
    await forgetLastCode(app.database);
    expect(await tryCode(spell(totp(secret)))).toBe('signed in');
  }
  const [first = '', second = '', third = '', fourth = ''] = backupCodes;
  expect(await tryCode(first.replace('-', ''), 'backup')).toBe('signed in');
  expect(await tryCode(second.replace('-', ' '), 'backup')).toBe('signed in');
  expect(await tryCode(toFullWidth(third), 'backup')).toBe('signed in');
  expect(await tryCode(first.replace('-', '\u00a0'), 'backup')).toBe('WRONG_CODE');
  const otherCase = fourth.replace(/[a-z]/gi, (c) => (c === c.toUpperCase() ? c.toLowerCase() : c.toUpperCase()));
  if (otherCase !== fourth) expect(await tryCode(otherCase, 'backup')).toBe('WRONG_CODE');
  expect(await tryCode(fourth, 'backup')).toBe('signed in');
});

test('secondFactor.confirm accepts a code with separators', async () => {
  await using app = await testApp();
  const { bearer } = await app.newUser({ password });
  const { secret } = await app.client({ bearer }).secondFactor.begin.mutate({ password });
  const code = totp(secret);
  const { token } = await app.client({ bearer }).secondFactor.confirm.mutate({
    code: ` ${code.slice(0, 3)}\u00a0${code.slice(3)} `,
  });
  expect(await app.client({ bearer: token! }).account.mine.query()).toMatchObject({ secondFactor: true });
});
