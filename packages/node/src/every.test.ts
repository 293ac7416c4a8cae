import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { every } from './every.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Starts a loop whose passes last until `end()`, and records the errors. */
function startLoop() {
  const passes: PromiseWithResolvers<void>[] = [];
  const errors: unknown[] = [];
  const loop = every({
    ms: 1_000,
    run() {
      const pass = Promise.withResolvers<void>();
      passes.push(pass);
      return pass.promise;
    },
    onError: (error) => errors.push(error),
  });
  return { loop, passes, errors, advance: (ms: number) => vi.advanceTimersByTimeAsync(ms) };
}

test('every runs first after its interval, and then once per interval', async () => {
  const { passes, advance } = startLoop();
  await advance(999);
  expect(passes).toHaveLength(0);
  await advance(1);
  passes[0]!.resolve();
  await advance(1_000);
  expect(passes).toHaveLength(2);
});

test('passes of every do not overlap', async () => {
  const { passes, advance } = startLoop();
  await advance(3_500);
  expect(passes).toHaveLength(1);
  passes[0]!.resolve();
  await advance(499);
  expect(passes).toHaveLength(1);
  await advance(1);
  expect(passes).toHaveLength(2);
});

test('every passes errors to onError and goes on', async () => {
  const { passes, errors, advance } = startLoop();
  await advance(1_000);
  passes[0]!.reject(new Error('rejected'));
  await advance(1_000);
  expect([errors, passes.length]).toEqual([[new Error('rejected')], 2]);
});

test('every passes what a synchronous run throws to onError', async () => {
  const onError = vi.fn();
  const loop = every({
    ms: 1_000,
    run() {
      throw new Error('thrown');
    },
    onError,
  });
  await loop.wake();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(onError.mock.calls).toEqual([[new Error('thrown')], [new Error('thrown')]]);
});

test('wake runs at once, and once more for all calls during a pass', async () => {
  const { loop, passes, advance } = startLoop();
  const first = loop.wake();
  await advance(0);
  expect(passes).toHaveLength(1);
  const others = [loop.wake(), loop.wake()];
  passes[0]!.resolve();
  await advance(0);
  expect(passes).toHaveLength(2);
  passes[1]!.resolve();
  await Promise.all([first, ...others]);
  expect(passes).toHaveLength(2);
});

test('a pass that wakes its own loop is followed by one more', async () => {
  let passes = 0;
  let active = 0;
  const loop = every({
    ms: 1_000,
    async run() {
      expect(++active).toBe(1);
      if (++passes === 1) void loop.wake();
      await null;
      active--;
    },
    onError: (error) => expect.unreachable(String(error)),
  });
  await loop.wake();
  expect(passes).toBe(2);
});

test('disposing every waits for the running pass, and omits the one that was due', async () => {
  const { loop, passes, advance } = startLoop();
  const woken = [loop.wake()];
  await advance(0);
  woken.push(loop.wake());
  let isDisposed = false;
  const disposing = loop[Symbol.asyncDispose]().then(() => (isDisposed = true));
  await advance(5_000);
  expect(isDisposed).toBe(false);
  passes[0]!.resolve();
  await Promise.all([disposing, ...woken, loop.wake(), loop[Symbol.asyncDispose]()]);
  await advance(5_000);
  expect(passes).toHaveLength(1);
});
