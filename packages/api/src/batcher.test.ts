import { expect, test } from 'vitest';
import { createBatcher } from './batcher.ts';

/** Creates a database that completes one batch at each call of `completeNext`. */
function slowDatabase({ rejects = (_: string): boolean => false } = {}) {
  const batches: string[][] = [];
  const pending: (() => void)[] = [];
  return {
    batches,
    completeNext: () => pending.shift()!(),
    runBatch(inputs: string[]) {
      batches.push(inputs);
      const { promise, resolve, reject } = Promise.withResolvers<string[]>();
      pending.push(() =>
        inputs.some(rejects) ? reject(new Error('refused')) : resolve(inputs.map((input) => `${input}!`)),
      );
      return promise;
    },
  };
}

test('createBatcher runs the first call at once and batches the calls that arrive meanwhile', async () => {
  const database = slowDatabase();
  const run = createBatcher({ runBatch: database.runBatch });
  const results = ['a', 'b', 'c'].map(run);
  expect(database.batches).toEqual([['a']]);
  database.completeNext();
  await results[0];
  await expect.poll(() => database.batches).toEqual([['a'], ['b', 'c']]);
  database.completeNext();
  expect(await Promise.all(results)).toEqual(['a!', 'b!', 'c!']);
});

test('createBatcher limits the size of a batch and never runs two calls with the same key together', async () => {
  const database = slowDatabase();
  const run = createBatcher({
    ...{ runBatch: database.runBatch, maxBatchSize: 2, concurrency: 2 },
    getKey: (input: string) => input[0]!,
  });
  const results = ['a1', 'a2', 'b1', 'b2', 'c1'].map(run);
  expect(database.batches).toEqual([['a1'], ['b1']]);
  database.completeNext();
  await results[0];
  await expect.poll(() => database.batches).toEqual([['a1'], ['b1'], ['a2', 'c1']]);
  database.completeNext();
  await expect.poll(() => database.batches.at(-1)).toEqual(['b2']);
  database.completeNext();
  database.completeNext();
  expect(await Promise.all(results)).toEqual(['a1!', 'a2!', 'b1!', 'b2!', 'c1!']);
});

test('createBatcher rejects only the call that fails when its batch contains others', async () => {
  const database = slowDatabase({ rejects: (input) => input === 'bad' });
  const run = createBatcher({ runBatch: database.runBatch });
  const [first, good, bad] = ['first', 'good', 'bad'].map(run);
  const refused = expect(bad).rejects.toThrow('refused');
  database.completeNext();
  await first;
  await expect.poll(() => database.batches.length).toBe(2);
  database.completeNext();
  await expect.poll(() => database.batches.length).toBe(4);
  database.completeNext();
  database.completeNext();
  expect(await good).toBe('good!');
  await refused;
});
