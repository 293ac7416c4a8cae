import { expect, test } from 'vitest';
import { createTokenBuckets } from './token-buckets.ts';
import { createTurns } from './turns.ts';

test('of one key so many run at once, the others wait their turn, and what is on top is refused', async () => {
  const turn = createTurns({ atOnce: 3, waiting: 5 });
  const open: (() => void)[] = [];
  let most = 0;
  let running = 0;
  const work = async () => {
    most = Math.max(most, ++running);
    await new Promise<void>((resolve) => open.push(resolve));
    running--;
  };
  const asked = Array.from({ length: 10 }, () =>
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
  const answers = await Promise.all(asked);
  expect(most).toBe(3);
  expect(answers).toEqual([...Array(8).fill('done'), 'TOO_MANY_REQUESTS', 'TOO_MANY_REQUESTS']);
});

test('work that fails gives its turn on', async () => {
  const turn = createTurns({ atOnce: 1, waiting: 5 });
  const fails = turn('a', () => Promise.reject(new Error('no')));
  const next = turn('a', async () => 'next');
  await expect(fails).rejects.toThrow('no');
  expect(await next).toBe('next');
});

test('a bucket holds half a minute’s, refuses what is on top, and says when it may go on', () => {
  const take = createTokenBuckets(60);
  for (let n = 0; n < 30; n++) take('a');
  expect(() => take('a')).toThrow(expect.objectContaining({ reason: 'TOO_MANY_REQUESTS', retryAfter: 1 }));
  take('b');
});
