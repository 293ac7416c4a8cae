import { expect, test } from 'vitest';
import { delay } from './delay.ts';

test('delay ends without an error when its signal aborts, or has aborted', async () => {
  const stop = new AbortController();
  const waiting = delay(2 ** 31 - 1, stop.signal);
  stop.abort();
  expect(await Promise.all([waiting, delay(2 ** 31 - 1, stop.signal)])).toEqual([undefined, undefined]);
});
