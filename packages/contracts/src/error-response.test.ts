import { expect, test } from 'vitest';
import { parseErrorResponse } from './error-response.ts';
import { limits } from './limits.ts';

test('parseErrorResponse reads an unknown reason as INTERNAL, since the other side can be newer', () => {
  expect(parseErrorResponse({ reason: 'NOT_FOUND', message: 'No.' })?.reason).toBe('NOT_FOUND');
  const error = { reason: 'FROM_THE_FUTURE', message: 'No.' };
  expect(parseErrorResponse(error)).toEqual({ ...error, reason: 'INTERNAL' });
});

test('parseErrorResponse reads an error with issues in the form of an older bridge', () => {
  const error = { reason: 'INVALID_INPUT', message: 'No.' } as const;
  expect(parseErrorResponse({ ...error, issues: [{ path: ['taskId'], message: 'Required' }] })).toEqual(error);
});

test('parseErrorResponse cuts long messages and removes escape sequences', () => {
  const message = `\u001b[2J${'a'.repeat(limits.detail + 1)}`;
  expect(parseErrorResponse({ reason: 'INTERNAL', message })?.message).toBe('a'.repeat(limits.detail));
});

test.each([undefined, null, '<html>', { message: 'Forbidden' }, { reason: 'INTERNAL' }])(
  'parseErrorResponse returns undefined for %j, which another program sent',
  (body) => {
    expect(parseErrorResponse(body)).toBeUndefined();
  },
);
