import { expect, test } from 'vitest';
import { createSharedReads } from './shared-reads.ts';

/** Something that is read as often as `reads` says, and answers when it is let. */
function source() {
  const answers: (() => void)[] = [];
  const source = {
    reads: 0,
    value: 'old',
    read: async () => {
      source.reads++;
      const { value } = source;
      await new Promise<void>((resolve) => answers.push(resolve));
      return value;
    },
    async answer() {
      while (answers.length === 0) await new Promise(setImmediate);
      answers.shift()!();
    },
  };
  return source;
}

test('those who ask at the same time share one reading', async () => {
  const shared = createSharedReads();
  const list = source();
  const asked = Array.from({ length: 500 }, () => shared('a', list.read));
  await list.answer();
  expect(new Set(await Promise.all(asked))).toEqual(new Set(['old']));
  expect(list.reads).toBe(1);
});

test('a reading that began before a change is not for whoever asks after it', async () => {
  const shared = createSharedReads();
  const list = source();
  const before = shared('a', list.read);
  while (list.reads === 0) await new Promise(setImmediate);
  list.value = 'new';
  const after = Array.from({ length: 100 }, () => shared('a', list.read));
  await list.answer();
  expect(await before).toBe('old');
  await list.answer();
  expect(new Set(await Promise.all(after))).toEqual(new Set(['new']));
  expect(list.reads).toBe(2);
});

test('a reading that fails fails for those who asked, and not for whoever asks next', async () => {
  const shared = createSharedReads();
  const failing = () => Promise.reject(new Error('away'));
  await expect(Promise.allSettled([shared('a', failing), shared('a', failing)])).resolves.toMatchObject([
    { status: 'rejected' },
    { status: 'rejected' },
  ]);
  expect(await shared('a', async () => 'there')).toBe('there');
});

test('what has another key is read on its own', async () => {
  const shared = createSharedReads();
  expect(await Promise.all([shared('a', async () => 1), shared('b', async () => 2)])).toEqual([1, 2]);
});
