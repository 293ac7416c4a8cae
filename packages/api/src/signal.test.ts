import { expect, test, vi } from 'vitest';
import { Signal } from './signal.ts';

/** Starts a wait. Returns a function that returns whether it has ended. */
function observe(wait: Promise<unknown>) {
  let hasEnded = false;
  void wait.then(() => (hasEnded = true));
  return async () => {
    await new Promise(setImmediate);
    return hasEnded;
  };
}

test('a wait ends when the signal is set', async () => {
  const signal = new Signal();
  const hasEnded = observe(signal.wait());
  expect(await hasEnded()).toBe(false);
  signal.set();
  expect(await hasEnded()).toBe(true);
});

test('a signal that was set before, once or more, ends only the next wait', async () => {
  const signal = new Signal();
  signal.set();
  signal.set();
  expect(await observe(signal.wait())()).toBe(true);
  expect(await observe(signal.wait())()).toBe(false);
});

test('waitFor ends after its time, and a timer that has not fired does not end the next wait', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const signal = new Signal();
  const hasEnded = observe(signal.waitFor(1_000));
  vi.advanceTimersByTime(999);
  expect(await hasEnded()).toBe(false);
  vi.advanceTimersByTime(1);
  expect(await hasEnded()).toBe(true);

  signal.set();
  await signal.waitFor(1_000);
  const next = observe(signal.wait());
  vi.advanceTimersByTime(2_000);
  expect(await next()).toBe(false);
  vi.useRealTimers();
});
