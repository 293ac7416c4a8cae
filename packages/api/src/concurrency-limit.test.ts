import { expect, test } from 'vitest';
import { createConcurrencyLimit } from './concurrency-limit.ts';
import { createTokenBuckets } from './token-buckets.ts';

test('createConcurrencyLimit runs `concurrency` calls of a key, queues `maxQueued` and refuses the rest', async () => {
  const limit = createConcurrencyLimit({ concurrency: 3, maxQueued: 5 });
  const open: (() => void)[] = [];
  let peak = 0;
  let running = 0;
  const work = async () => {
    peak = Math.max(peak, ++running);
    await new Promise<void>((resolve) => open.push(resolve));
    running--;
  };
  const calls = Array.from({ length: 10 }, () =>
    limit('a', work).then(
      () => 'done',
      ({ reason }) => reason,
    ),
  );
  expect(await limit('b', async () => 'other key')).toBe('other key');
  for (let done = 0; done < 8; done++) {
    while (open.length === 0) await new Promise(setImmediate);
    open.shift()!();
  }
  const results = await Promise.all(calls);
  expect(peak).toBe(3);
  expect(results).toEqual([...Array(8).fill('done'), 'TOO_MANY_REQUESTS', 'TOO_MANY_REQUESTS']);
});

test('createConcurrencyLimit runs the next call after one that failed', async () => {
  const limit = createConcurrencyLimit({ concurrency: 1, maxQueued: 5 });
  const failing = limit('a', () => Promise.reject(new Error('no')));
  const next = limit('a', async () => 'next');
  await expect(failing).rejects.toThrow('no');
  expect(await next).toBe('next');
});

test('createTokenBuckets allows a burst of half a minute, then refuses with the time to wait', () => {
  const take = createTokenBuckets(60);
  for (let n = 0; n < 30; n++) take('a');
  expect(() => take('a')).toThrow(expect.objectContaining({ reason: 'TOO_MANY_REQUESTS', retryAfter: 1 }));
  take('b');
});
