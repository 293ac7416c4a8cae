import { tooManyRequests } from './errors.ts';

/** Maximum number of buckets. Above it, the fullest is evicted, whose key gains the least by a new one. */
const MAX_BUCKETS = 100_000;
/** Resolution of the order in which buckets become full. */
const SLOT_MS = 1_000;

/**
 * Creates a rate limit with a token bucket per key: `perMinute` calls on average, and half of that as a burst. Throws
 * TOO_MANY_REQUESTS with the time until the next call can succeed. It runs before every call, so it only looks up maps.
 * A full bucket is not stored, since a new one is full.
 */
export function createTokenBuckets(perMinute: number, maxBuckets = MAX_BUCKETS) {
  const tokenMs = 60_000 / perMinute;
  const burstMs = tokenMs * Math.max(1, perMinute / 2);
  /** The time at which the bucket of a key will be full. */
  const fullAt = new Map<string, number>();
  /** The keys by that time. There is no slot before `firstSlot`. */
  const slots = new Map<number, Set<string>>();
  let firstSlot = 0;

  function remove(key: string) {
    const time = fullAt.get(key);
    if (time === undefined || !fullAt.delete(key)) return;
    const slot = slots.get(toSlot(time))!;
    slot.delete(key);
    if (slot.size === 0) slots.delete(toSlot(time));
  }

  function store(key: string, time: number) {
    fullAt.set(key, time);
    const slot = slots.get(toSlot(time)) ?? new Set();
    slots.set(toSlot(time), slot.add(key));
  }

  function removeFull(now: number) {
    for (; firstSlot < toSlot(now); firstSlot++) {
      for (const key of slots.get(firstSlot) ?? []) fullAt.delete(key);
      slots.delete(firstSlot);
    }
  }

  function removeFullest() {
    let slot = firstSlot;
    while (!slots.has(slot)) slot++;
    const [fullest] = slots.get(slot)!;
    remove(fullest!);
  }

  return (key: string) => {
    const now = performance.now();
    removeFull(now);
    // Without `now` in it, which would be rounded off: the first call of a full bucket has to succeed.
    const usedMs = Math.max((fullAt.get(key) ?? 0) - now, 0) + tokenMs;
    if (usedMs > burstMs) throw tooManyRequests(Math.ceil((usedMs - burstMs) / 1_000));
    remove(key);
    if (fullAt.size >= maxBuckets) removeFullest();
    store(key, now + usedMs);
  };
}

const toSlot = (time: number) => Math.floor(time / SLOT_MS);
