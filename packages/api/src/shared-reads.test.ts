import { expect, test } from 'vitest';
import { createSharedReads } from './shared-reads.ts';

/** Creates a source that counts its reads and completes one at each call of `answer`. */
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

test('createSharedReads shares one read among concurrent requests', async () => {
  const shared = createSharedReads();
  const list = source();
  const requests = Array.from({ length: 500 }, () => shared('a', list.read));
  await list.answer();
  expect(new Set(await Promise.all(requests))).toEqual(new Set(['old']));
  expect(list.reads).toBe(1);
});

test('createSharedReads starts a new read for a request after a change', async () => {
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

test('createSharedReads rejects the requests that shared a failed read, but not later ones', async () => {
  const shared = createSharedReads();
  const failing = () => Promise.reject(new Error('away'));
  await expect(Promise.allSettled([shared('a', failing), shared('a', failing)])).resolves.toMatchObject([
    { status: 'rejected' },
    { status: 'rejected' },
  ]);
  expect(await shared('a', async () => 'there')).toBe('there');
});

test('createSharedReads does not share a read between different keys', async () => {
  const shared = createSharedReads();
  expect(await Promise.all([shared('a', async () => 1), shared('b', async () => 2)])).toEqual([1, 2]);
});
