import { expect, test } from 'vitest';
import { createTokenVerifier, signCallbackToken } from '../agent/dispatch/callback-token.ts';
import { createKeys } from './keys.ts';
import { readLoginToken, signLoginToken } from './login-token.ts';
import { resignCookies } from './signed-cookies.ts';

const id = '01990000-0000-7000-8000-000000000001';
const capability = { tenantId: id, instanceId: id, sessionId: id, taskId: id };

/** A secret's change, step by step: each goes beside the one before and the one after it. */
const steps = [
  createKeys('old'),
  createKeys('old', { next: 'new' }),
  createKeys('new', { before: 'old' }),
  createKeys('new'),
] as const;

test('of two steps of a change that follow each other, each reads what the other sealed and signed', async () => {
  for (const [index, keys] of steps.entries()) {
    for (const other of [steps[index - 1], steps[index + 1]].filter((step) => step !== undefined)) {
      expect(other.open(keys.seal('a secret'))).toBe('a secret');
      expect(readLoginToken(other, signLoginToken(keys, 'a token'))).toBe('a token');
      const token = await signCallbackToken(keys, capability, new Date());
      expect(await createTokenVerifier(other).verify(token)).toEqual(capability);
    }
  }
});

test('the last step reads nothing of the first, nor the first of the last', async () => {
  const [first, , , last] = steps;
  for (const [one, other] of [
    [first, last],
    [last, first],
  ] as const) {
    expect(() => other.open(one.seal('a secret'))).toThrow();
    expect(readLoginToken(other, signLoginToken(one, 'a token'))).toBeNull();
    expect(await createTokenVerifier(other).verify(await signCallbackToken(one, capability, new Date()))).toBeNull();
  }
});

test('a secret that is given twice is one', () => {
  const keys = createKeys('new', { before: 'new', next: 'new' });
  expect([keys.accepted, keys.outgoing]).toEqual([[keys.current], null]);
});

test('cookies that were signed with an accepted secret are made ours, and all others are left alone', () => {
  const [, before, after, last] = steps;
  const theirs = `__Secure-it0_${before.current.kid}.state=${encodeURIComponent(signLoginToken(before, 'x'))}`;
  const ours = `__Secure-it0_${after.current.kid}.state=${encodeURIComponent(signLoginToken(after, 'x'))}`;
  expect(resignCookies(after, `a=b; ${theirs}`)).toBe(`a=b; ${ours}`);
  expect(resignCookies(after, ours)).toBe(ours);
  expect(resignCookies(last, theirs)).toBe(theirs);
  const forged = theirs.replace('=x.', '=y.');
  expect(resignCookies(after, forged)).toBe(forged);
  for (const broken of ['', '=', `${theirs}%`, 'no cookie at all']) expect(resignCookies(after, broken)).toBe(broken);
});
