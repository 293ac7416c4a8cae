import { expect, test } from 'vitest';
import { createServerClock } from './server-clock.ts';

const serverTime = Date.parse('2026-01-01T12:00:00Z');
const date = new Date(serverTime).toUTCString();

test.for([0, 1, 35 * 60, -60 * 60, 13 * 3_600, -400 * 86_400])(
  'createServerClock returns the server’s time when the local clock is %i seconds off',
  (seconds) => {
    let local = serverTime + seconds * 1_000;
    const clock = createServerClock(() => local);
    clock.observe(date);
    expect(Math.abs(clock.now() - serverTime)).toBeLessThan(2_500);
    local += 60_000;
    expect(Math.abs(clock.now() - serverTime - 60_000)).toBeLessThan(2_500);
  },
);

test('createServerClock follows a correction of the local clock, and ignores the missing milliseconds of a date', () => {
  let local = serverTime + 3_600_000;
  const clock = createServerClock(() => local);
  clock.observe(date);
  const before = clock.now();
  local += 900;
  clock.observe(date);
  expect(clock.now()).toBe(before + 900);
  local = serverTime;
  clock.observe(date);
  expect(clock.now()).toBe(serverTime);
});

test.for([null, '', 'yesterday'])('createServerClock ignores the date %j', (unreadable) => {
  const clock = createServerClock(() => 5);
  clock.observe(unreadable);
  expect(clock.now()).toBe(5);
});
