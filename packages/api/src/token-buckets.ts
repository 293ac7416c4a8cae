import { tooManyRequests } from './errors.ts';

type Bucket = { tokens: number; at: number };

/** Maximum number of buckets. A key whose bucket was evicted starts with a full one. */
const MAX_BUCKETS = 100_000;

/**
 * Creates a rate limit with a token bucket per key: `perMinute` calls on average, and half of that as a burst. Throws
 * TOO_MANY_REQUESTS with the time until the next call can succeed. It runs before every call, so it only looks up a
 * map.
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
      if (buckets.size > MAX_BUCKETS) buckets.delete(buckets.keys().next().value!);
      return;
    }
    bucket.tokens = Math.min(burst, bucket.tokens + (now - bucket.at) * perMs);
    bucket.at = now;
    if (bucket.tokens < 1) throw tooManyRequests(Math.ceil((1 - bucket.tokens) / perMs / 1_000));
    bucket.tokens -= 1;
  };
}
