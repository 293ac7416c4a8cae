import { afterEach, expect, test, vi } from 'vitest';
import { createProgressLine } from './progress.ts';

afterEach(() => void vi.useRealTimers());

/** Runs ten steps and returns the output. */
function run({ isTTY, stepMs }: { isTTY: boolean; stepMs: number }) {
  vi.useFakeTimers();
  let text = '';
  const update = createProgressLine({ isTTY, write: (chunk) => (text += chunk) }, 'Migrating tenants');
  for (let done = 0; done <= 10; done++) {
    update(done, 10);
    vi.advanceTimersByTime(stepMs);
  }
  return text;
}

test('createProgressLine shows nothing for a short operation', () => {
  expect(run({ isTTY: true, stepMs: 10 })).toBe('');
});

test('createProgressLine overwrites one line on a terminal', () => {
  const text = run({ isTTY: true, stepMs: 1_000 });
  expect(text).toMatch(/^\rMigrating tenants: 1 of 10\r.*: 2 of 10\r/);
  expect(text).toMatch(/: 10 of 10\n$/);
});

test('createProgressLine writes a few lines, and the last one, when the output is not a terminal', () => {
  expect(run({ isTTY: false, stepMs: 1_000 }).match(/\d+ of 10\n/g)).toEqual(['1 of 10\n', '6 of 10\n', '10 of 10\n']);
});
