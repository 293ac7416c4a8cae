import { expect, test } from 'vitest';
import { createTokenBuckets } from './token-buckets.ts';
import { createTurns } from './turns.ts';

test('createTurns runs `atOnce` calls of a key, queues `waiting` more and refuses the rest', async () => {
  const turn = createTurns({ atOnce: 3, waiting: 5 });
  const open: (() => void)[] = [];
  let most = 0;
  let running = 0;
  const work = async () => {
    most = Math.max(most, ++running);
    await new Promise<void>((resolve) => open.push(resolve));
    running--;
  };
  const results = Array.from({ length: 10 }, () =>
    turn('a', work).then(
      () => 'done',
      ({ reason }) => reason,
    ),
  );
  const other = turn('b', async () => 'at once');
  expect(await other).toBe('at once');
  for (let done = 0; done < 8; done++) {
    while (open.length === 0) await new Promise(setImmediate);
    open.shift()!();
  }
  const answers = await Promise.all(results);
  expect(most).toBe(3);
  expect(answers).toEqual([...Array(8).fill('done'), 'TOO_MANY_REQUESTS', 'TOO_MANY_REQUESTS']);
});

test('createTurns runs the next call after one that failed', async () => {
  const turn = createTurns({ atOnce: 1, waiting: 5 });
  const fails = turn('a', () => Promise.reject(new Error('no')));
  const next = turn('a', async () => 'next');
  await expect(fails).rejects.toThrow('no');
  expect(await next).toBe('next');
});

test('createTokenBuckets allows a burst of half a minute, then refuses with the time to wait', () => {
  const take = createTokenBuckets(60);
  for (let n = 0; n < 30; n++) take('a');
  expect(() => take('a')).toThrow(expect.objectContaining({ reason: 'TOO_MANY_REQUESTS', retryAfter: 1 }));
  take('b');
});
