import { type Glob, matchesPattern } from './glob.ts';

/** Limit of one decision in steps, some 50 ms. A command of 70 words takes a tenth of it with 100 rules. */
export const MAX_STEPS = 200_000;
/** Number of characters that are searched in one step. */
const CHARACTERS = 64;

/**
 * Counts the work of one decision, or of several in one callback. Commands come from agents, which can be hostile, and
 * must not keep the server busy. Once the limit is reached, every comparison fails, and the result is unclear.
 */
export function createWork(limit = MAX_STEPS) {
  let remaining = limit;
  /** Returns whether the work is still within the limit. */
  const spend = (steps: number) => {
    remaining -= steps;
    return remaining >= 0;
  };
  return {
    spend,
    isSpent: () => remaining < 0,
    matchesPattern: (glob: Glob, text: string, mayFill?: Parameters<typeof matchesPattern>[2]) =>
      spend(glob.length + text.length / CHARACTERS) && matchesPattern(glob, text, mayFill),
  };
}
/** Counter of the work of a decision. */
export type Work = ReturnType<typeof createWork>;
