import type { Reason } from '@it0/contracts/reasons';
import { TRPCClientError } from '@trpc/client';
import { expect, test } from 'vitest';
import { toFormFailure } from './form-failure.ts';

const refused = (reason: Reason, data: object = {}) =>
  TRPCClientError.from({ error: { message: 'refused', code: -32_000, data: { reason, ...data } } });

test('what the server could not read stands beside the fields of that name', () => {
  const issues = { formErrors: [], fieldErrors: { email: ['Invalid email address'], id: ['Invalid UUID'] } };
  const { fields, reason } = toFormFailure(refused('INVALID_INPUT', { issues }), ['email', 'password']);
  expect(fields).toEqual(['email']);
  expect(reason).toBe('INVALID_INPUT');
});

test('a wrong password stands beside the old one when a form has an old and a new one', () => {
  expect(toFormFailure(refused('WRONG_PASSWORD'), ['next', 'current']).fields).toEqual(['current']);
  expect(toFormFailure(refused('PASSWORD_UNSAFE'), ['next', 'current']).fields).toEqual(['next']);
  expect(toFormFailure(refused('WRONG_CREDENTIALS'), ['email', 'password']).fields).toEqual(['password']);
});

test('a reason whose field the form does not have is about the whole form', () => {
  expect(toFormFailure(refused('EMAIL_TAKEN'), ['name']).fields).toEqual([]);
});

test('too many requests say when to try again, and a server that cannot be asked gives no reason', () => {
  expect(toFormFailure(refused('TOO_MANY_REQUESTS', { retryAfter: 42 }), ['email'])).toEqual({
    fields: [],
    reason: 'TOO_MANY_REQUESTS',
    retryAfter: 42,
    params: null,
  });
  expect(toFormFailure(TRPCClientError.from(new TypeError('fetch failed')), ['email'])).toEqual({
    fields: [],
    reason: null,
    retryAfter: null,
    params: null,
  });
});
