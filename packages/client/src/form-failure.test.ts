import type { Reason } from '@it0/contracts/reasons';
import { TRPCClientError } from '@trpc/client';
import { expect, test } from 'vitest';
import { toFormFailure } from './form-failure.ts';

const createError = (reason: Reason, data: object = {}) =>
  TRPCClientError.from({ error: { message: 'error', code: -32_000, data: { reason, ...data } } });

test('toFormFailure assigns invalid input to the fields with the same names', () => {
  const issues = { formErrors: [], fieldErrors: { email: ['Invalid email address'], id: ['Invalid UUID'] } };
  const { fields, reason } = toFormFailure(createError('INVALID_INPUT', { issues }), ['email', 'password']);
  expect(fields).toEqual(['email']);
  expect(reason).toBe('INVALID_INPUT');
});

test('toFormFailure assigns a wrong password to the current password and an unsafe one to the new password', () => {
  expect(toFormFailure(createError('WRONG_PASSWORD'), ['next', 'current']).fields).toEqual(['current']);
  expect(toFormFailure(createError('PASSWORD_UNSAFE'), ['next', 'current']).fields).toEqual(['next']);
  expect(toFormFailure(createError('WRONG_CREDENTIALS'), ['email', 'password']).fields).toEqual(['password']);
});

test('toFormFailure returns no field when the form does not have it', () => {
  expect(toFormFailure(createError('EMAIL_TAKEN'), ['name']).fields).toEqual([]);
});

test('toFormFailure returns the retry delay of a rate limit, and no reason for a network error', () => {
  expect(toFormFailure(createError('TOO_MANY_REQUESTS', { retryAfter: 42 }), ['email'])).toEqual({
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
