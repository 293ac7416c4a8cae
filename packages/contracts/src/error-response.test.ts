import { expect, test } from 'vitest';
import { parseErrorResponse } from './error-response.ts';
import { limits } from './limits.ts';

test('parseErrorResponse reads an unknown reason as INTERNAL, since the other side can be newer', () => {
  expect(parseErrorResponse({ reason: 'NOT_FOUND', message: 'No.' })?.reason).toBe('NOT_FOUND');
  const error = { reason: 'FROM_THE_FUTURE', message: 'No.', params: { free: 1 }, retryAfter: 2 };
  expect(parseErrorResponse(error)).toEqual({ ...error, reason: 'INTERNAL' });
});

test('parseErrorResponse cuts long messages and removes escape sequences', () => {
  const message = `\u001b[2J${'a'.repeat(limits.detail + 1)}`;
  expect(parseErrorResponse({ reason: 'INTERNAL', message })?.message).toBe('a'.repeat(limits.detail));
});

test.each([undefined, null, '<html>', [], {}, { message: 1 }, { reason: 'INTERNAL' }])(
  'parseErrorResponse returns undefined for %j, which another program sent',
  (body) => {
    expect(parseErrorResponse(body)).toBeUndefined();
  },
);
