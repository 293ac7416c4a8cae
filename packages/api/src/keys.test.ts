import { expect, test } from 'vitest';
import { createTokenVerifier, signCallbackToken } from './agent/dispatch/callback-token.ts';
import { readLoginToken, signLoginToken } from './auth/login-token.ts';
import { resignCookies } from './auth/signed-cookies.ts';
import { createKeys } from './keys.ts';

const id = '01990000-0000-7000-8000-000000000001';
const capability = { tenantId: id, instanceId: id, sessionId: id, taskId: id };

/** The steps of a secret rotation. Servers at neighboring steps run at the same time. */
const steps = [
  createKeys('old'),
  createKeys('old', { next: 'new' }),
  createKeys('new', { before: 'old' }),
  createKeys('new'),
] as const;

test('createKeys reads values of the previous and the next step of a secret rotation', async () => {
  for (const [index, keys] of steps.entries()) {
    for (const other of [steps[index - 1], steps[index + 1]].filter((step) => step !== undefined)) {
      expect(other.open(keys.seal('a secret'))).toBe('a secret');
      expect(readLoginToken(other, signLoginToken(keys, 'a token'))).toBe('a token');
      const token = await signCallbackToken(keys, capability, new Date());
      expect(await createTokenVerifier(other).verify(token)).toEqual(capability);
    }
  }
});

test('createKeys does not read values across a whole secret rotation', async () => {
  const [first, , , last] = steps;
  for (const [writer, reader] of [
    [first, last],
    [last, first],
  ] as const) {
    expect(() => reader.open(writer.seal('a secret'))).toThrow();
    expect(readLoginToken(reader, signLoginToken(writer, 'a token'))).toBeNull();
    expect(
      await createTokenVerifier(reader).verify(await signCallbackToken(writer, capability, new Date())),
    ).toBeNull();
  }
});

test('createKeys derives a repeated secret once', () => {
  const keys = createKeys('new', { before: 'new', next: 'new' });
  expect([keys.accepted, keys.outgoing]).toEqual([[keys.current], null]);
});

test('resignCookies signs cookies of an accepted secret again and leaves all others unchanged', () => {
  const [, before, after, last] = steps;
  const oldCookie = `__Secure-it0_${before.current.kid}.state=${encodeURIComponent(signLoginToken(before, 'x'))}`;
  const newCookie = `__Secure-it0_${after.current.kid}.state=${encodeURIComponent(signLoginToken(after, 'x'))}`;
  expect(resignCookies(after, `a=b; ${oldCookie}`)).toBe(`a=b; ${newCookie}`);
  expect(resignCookies(after, newCookie)).toBe(newCookie);
  expect(resignCookies(last, oldCookie)).toBe(oldCookie);
  const forged = oldCookie.replace('=x.', '=y.');
  expect(resignCookies(after, forged)).toBe(forged);
  for (const broken of ['', '=', `${oldCookie}%`, 'no cookie at all'])
    expect(resignCookies(after, broken)).toBe(broken);
});
