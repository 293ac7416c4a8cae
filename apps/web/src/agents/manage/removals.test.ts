import { expect, test } from 'vitest';
import { createRemovals } from './removals.ts';

test('an agent is removed once, and stays hidden until the server has responded', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const sent: string[] = [];
  const removals = createRemovals((id) => {
    sent.push(id);
    return promise;
  });
  removals.add('a');
  const finished = [removals.finish('a'), removals.finish('a')];
  expect([...removals.getState().pending]).toEqual(['a']);
  resolve();
  await Promise.all(finished);
  expect(sent).toEqual(['a']);
  expect([...removals.getState().pending]).toEqual([]);
});

test('an agent is not removed when that is undone, and reappears when its removal fails', async () => {
  const removals = createRemovals(() => Promise.reject(new Error('refused')));
  removals.add('a');
  removals.add('b');
  removals.undo('a');
  await removals.finish('a');
  await expect(removals.finish('b')).rejects.toThrow('refused');
  expect([...removals.getState().pending]).toEqual([]);
});
