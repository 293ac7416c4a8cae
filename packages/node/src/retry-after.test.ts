import { expect, test, vi } from 'vitest';
import { parseRetryAfter } from './retry-after.ts';

test.for([
  ['0', 0],
  ['120', 120_000],
  ['Wed, 21 Oct 2026 07:28:30 GMT', 30_000],
  ['Wed, 21 Oct 2026 07:27:00 GMT', 0],
  ['99999999999', 3_600_000],
  ['Wed, 21 Oct 2099 07:27:00 GMT', 3_600_000],
  ['soon', null],
  ['9'.repeat(400), null],
  ['', null],
  [null, null],
] as const)('parseRetryAfter of %s is %s', ([header, ms]) => {
  vi.useFakeTimers({ now: Date.parse('2026-10-21T07:28:00Z') });
  expect(parseRetryAfter(header)).toBe(ms);
  vi.useRealTimers();
});
