import { tooManyRequests } from './errors.ts';

type Turns = { running: number; waiting: (() => void)[] };

/**
 * Lets each key do `atOnce` things at a time. Further ones wait for their turn, `waiting` of them at most; whatever comes
 * on top is refused with TOO_MANY_REQUESTS. So one person's calls come to the event loop in small portions, and others'
 * in between.
 */
export function createTurns({ atOnce, waiting }: { atOnce: number; waiting: number }) {
  const keys = new Map<string, Turns>();

  function end(key: string, turns: Turns) {
    const next = turns.waiting.shift();
    // It takes over this place, after what else is ready to run.
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
