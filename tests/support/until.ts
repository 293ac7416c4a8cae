import { HANG_LIMIT_MS } from './hang-limit.ts';

const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 50;

/**
 * Polls until a value is truthy, and returns it: at first every 5 ms, and less often the longer it takes. Throws after
 * `ms`.
 */
export async function until<T>(
  read: () => T | undefined | null | false | Promise<T | undefined | null | false>,
  ms = HANG_LIMIT_MS,
): Promise<T> {
  const started = Date.now();
  for (;;) {
    const value = await read();
    if (value) return value;
    const waitedMs = Date.now() - started;
    if (waitedMs > ms) throw new Error(`not true after ${ms} ms: ${read}`);
    const pauseMs = Math.min(Math.max(FIRST_PAUSE_MS, waitedMs / 20), LONGEST_PAUSE_MS);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}
