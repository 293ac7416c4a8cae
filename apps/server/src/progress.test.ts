import { afterEach, expect, test, vi } from 'vitest';
import { progressLine } from './progress.ts';

afterEach(() => void vi.useRealTimers());

/** What is written while ten steps take a second each. */
function written({ isTTY, stepMs }: { isTTY: boolean; stepMs: number }) {
  vi.useFakeTimers();
  let text = '';
  const tell = progressLine({ isTTY, write: (more) => (text += more) }, 'Tenants brought up to date');
  for (let done = 0; done <= 10; done++) {
    tell(done, 10);
    vi.advanceTimersByTime(stepMs);
  }
  return text;
}

test('what is over at once is not worth a word', () => {
  expect(written({ isTTY: true, stepMs: 10 })).toBe('');
});

test('on a terminal one line tells how far it is', () => {
  const text = written({ isTTY: true, stepMs: 1_000 });
  expect(text).toMatch(/^\rTenants brought up to date: 1 of 10\r.*: 2 of 10\r/);
  expect(text).toMatch(/: 10 of 10\n$/);
});

test('elsewhere a line comes now and then, and the last', () => {
  expect(written({ isTTY: false, stepMs: 1_000 }).match(/\d+ of 10\n/g)).toEqual([
    '1 of 10\n',
    '6 of 10\n',
    '10 of 10\n',
  ]);
});
