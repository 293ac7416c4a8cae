import { tooManyRequests } from './errors.ts';

type Turns = { running: number; waiting: (() => void)[] };

/**
 * Limits the concurrency of each key to `atOnce`. Up to `waiting` further calls are queued; others are refused with
 * TOO_MANY_REQUESTS. This spreads the calls of one person over the event loop, so that others are served in between.
 */
export function createTurns({ atOnce, waiting }: { atOnce: number; waiting: number }) {
  const keys = new Map<string, Turns>();

  function end(key: string, turns: Turns) {
    const next = turns.waiting.shift();
    // The next call takes over this slot, after other work that is ready.
    if (next) return void setImmediate(next);
    turns.running--;
    if (turns.running === 0) keys.delete(key);
  }

  return async <T>(key: string, work: () => Promise<T>): Promise<T> => {
    const turns = keys.get(key) ?? { running: 0, waiting: [] };
    keys.set(key, turns);
    if (turns.running < atOnce) turns.running++;
    else if (turns.waiting.length >= waiting) throw tooManyRequests(1);
    else await new Promise<void>((resolve) => turns.waiting.push(resolve));
    try {
      return await work();
    } finally {
      end(key, turns);
    }
  };
}
