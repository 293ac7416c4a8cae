import { expect, test } from 'vitest';
import { createBatcher } from './batcher.ts';

/** A database that answers when it is told to. */
function slowDatabase({ refuses = (_: string): boolean => false } = {}) {
  const batches: string[][] = [];
  const answers: (() => void)[] = [];
  return {
    batches,
    answerNext: () => answers.shift()!(),
    ask(questions: string[]) {
      batches.push(questions);
      const { promise, resolve, reject } = Promise.withResolvers<string[]>();
      answers.push(() =>
        questions.some(refuses) ? reject(new Error('refused')) : resolve(questions.map((question) => `${question}!`)),
      );
      return promise;
    },
  };
}

test('the first question goes alone and at once, and those that come meanwhile go together', async () => {
  const database = slowDatabase();
  const ask = createBatcher({ ask: database.ask });
  const answers = ['a', 'b', 'c'].map(ask);
  expect(database.batches).toEqual([['a']]);
  database.answerNext();
  await answers[0];
  await expect.poll(() => database.batches).toEqual([['a'], ['b', 'c']]);
  database.answerNext();
  expect(await Promise.all(answers)).toEqual(['a!', 'b!', 'c!']);
});

test('a batch has no more questions than it may, and questions of one key wait for each other', async () => {
  const database = slowDatabase();
  const ask = createBatcher({ ask: database.ask, most: 2, atOnce: 2, keyOf: (question: string) => question[0]! });
  const answers = ['a1', 'a2', 'b1', 'b2', 'c1'].map(ask);
  expect(database.batches).toEqual([['a1'], ['b1']]);
  database.answerNext();
  await answers[0];
  await expect.poll(() => database.batches).toEqual([['a1'], ['b1'], ['a2', 'c1']]);
  database.answerNext();
  await expect.poll(() => database.batches.at(-1)).toEqual(['b2']);
  database.answerNext();
  database.answerNext();
  expect(await Promise.all(answers)).toEqual(['a1!', 'a2!', 'b1!', 'b2!', 'c1!']);
});

test('a question that cannot be answered does not fail those it was asked with', async () => {
  const database = slowDatabase({ refuses: (question) => question === 'bad' });
  const ask = createBatcher({ ask: database.ask });
  const [first, good, bad] = ['first', 'good', 'bad'].map(ask);
  const refused = expect(bad).rejects.toThrow('refused');
  database.answerNext();
  await first;
  await expect.poll(() => database.batches.length).toBe(2);
  database.answerNext();
  await expect.poll(() => database.batches.length).toBe(4);
  database.answerNext();
  database.answerNext();
  expect(await good).toBe('good!');
  await refused;
});
