import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { runInTurn } from './event-loop-turn.ts';

/** Keeps the event loop busy for longer than a turn has. */
function block() {
  for (const end = performance.now() + 20; performance.now() < end; );
}

test('runInTurn starts one piece of work per turn, in order, once a turn has taken too long', async () => {
  const started: string[] = [];
  const run = (name: string) =>
    runInTurn(() => {
      started.push(name);
      block();
    });
  for (const name of ['a', 'b', 'c']) run(name);
  expect(started).toEqual(['a']);
  const counts = [];
  while (started.length < 3) {
    await nextTurn();
    counts.push(started.length);
  }
  expect(started).toEqual(['a', 'b', 'c']);
  expect(counts).toContain(2);
});

test('runInTurn starts quick work at once', async () => {
  await nextTurn();
  let count = 0;
  for (let n = 0; n < 3; n++) runInTurn(() => count++);
  expect(count).toBe(3);
});

test('runInTurn goes on after work that throws', async () => {
  await nextTurn();
  const fail = () => {
    throw new Error('broken');
  };
  expect(() => runInTurn(fail)).toThrow('broken');
  let isStarted = false;
  runInTurn(() => {
    isStarted = true;
  });
  await nextTurn();
  expect(isStarted).toBe(true);
});
