import { tooManyRequests } from './errors.ts';

type Calls = { running: number; queue: (() => void)[] };

/**
 * Limits the concurrency of each key. Up to `maxQueued` further calls are queued; others are refused with
 * TOO_MANY_REQUESTS. This spreads the calls of one person over the event loop, so that others are served in between.
 */
export function createConcurrencyLimit({ concurrency, maxQueued }: { concurrency: number; maxQueued: number }) {
  const keys = new Map<string, Calls>();

  function release(key: string, calls: Calls) {
    const next = calls.queue.shift();
    // The next call takes over this slot, after other work that is ready.
    if (next) return void setImmediate(next);
    calls.running--;
    if (calls.running === 0) keys.delete(key);
  }

  return async <T>(key: string, work: () => Promise<T>): Promise<T> => {
    const calls = keys.get(key) ?? { running: 0, queue: [] };
    keys.set(key, calls);
    if (calls.running < concurrency) calls.running++;
    else if (calls.queue.length >= maxQueued) throw tooManyRequests(1);
    else await new Promise<void>((resolve) => calls.queue.push(resolve));
    try {
      return await work();
    } finally {
      release(key, calls);
    }
  };
}
