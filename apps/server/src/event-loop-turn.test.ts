import { setImmediate as nextTurn } from 'node:timers/promises';
import { beforeEach, expect, test, vi } from 'vitest';
import { runInTurn } from './event-loop-turn.ts';

/** The clock of the tests, in milliseconds: it goes on only in `block`, however busy the machine is. */
let now = 0;

beforeEach(async () => {
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  await nextTurn();
});

/** Takes longer than a turn has. */
function block() {
  now += 20;
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

test('runInTurn starts quick work at once', () => {
  let count = 0;
  for (let n = 0; n < 3; n++) runInTurn(() => count++);
  expect(count).toBe(3);
});

test('runInTurn goes on after work that throws', async () => {
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
