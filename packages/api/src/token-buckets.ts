import { tooManyRequests } from './errors.ts';

type Bucket = { tokens: number; at: number };

/** How many keys are remembered: whoever is forgotten begins with a full bucket. */
const REMEMBERED = 100_000;

/**
 * Counts how often each key does something: `perMinute` times on average, half of that at once. Throws
 * TOO_MANY_REQUESTS, with the time until the next one may succeed. It stands before every call, so it is a look into a
 * map and no more.
 */
export function createTokenBuckets(perMinute: number) {
  const perMs = perMinute / 60_000;
  const burst = Math.max(1, perMinute / 2);
  const buckets = new Map<string, Bucket>();
  return (key: string) => {
    const now = performance.now();
    const bucket = buckets.get(key);
    if (!bucket) {
      buckets.set(key, { tokens: burst - 1, at: now });
      if (buckets.size > REMEMBERED) buckets.delete(buckets.keys().next().value!);
      return;
    }
    bucket.tokens = Math.min(burst, bucket.tokens + (now - bucket.at) * perMs);
    bucket.at = now;
    if (bucket.tokens < 1) throw tooManyRequests(Math.ceil((1 - bucket.tokens) / perMs / 1_000));
    bucket.tokens -= 1;
  };
}
