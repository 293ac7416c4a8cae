import { expect, test } from 'vitest';
import { toDuration } from './duration.ts';

test.each([
  [0, { unit: 'ms', ms: 0 }],
  [999.4, { unit: 'ms', ms: 999 }],
  [999.6, { unit: 's', seconds: 1 }],
  [59_940, { unit: 's', seconds: 59.9 }],
  [59_980, { unit: 'min', minutes: 1, seconds: 0 }],
  [119_500, { unit: 'min', minutes: 2, seconds: 0 }],
  [119_600, { unit: 'min', minutes: 2, seconds: 0 }],
  [3_599_400, { unit: 'min', minutes: 59, seconds: 59 }],
  [3_599_600, { unit: 'h', hours: 1, minutes: 0 }],
  [3_600_000, { unit: 'h', hours: 1, minutes: 0 }],
  [90_030_000, { unit: 'h', hours: 25, minutes: 1 }],
])('toDuration carries over what it rounds: %d ms', (ms, parts) => {
  expect(toDuration(ms)).toEqual(parts);
});
