/** Delays of an exponential backoff in milliseconds. */
export type Backoff = { firstMs: number; maxMs: number };

/**
 * Returns the delay in milliseconds after `failures` failures in a row, at least 1. It doubles from `firstMs` to `maxMs`.
 * Up to half of it is omitted at random, so that many processes do not retry at the same time.
 */
export const computeBackoffMs = (failures: number, { firstMs, maxMs }: Backoff): number =>
  Math.min(maxMs, firstMs * 2 ** (failures - 1)) * (1 - Math.random() / 2);
