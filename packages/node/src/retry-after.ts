/** The longest wait. Timers of Node end at once when they are set to more than 24 days. */
const MAX_MS = 3_600_000;

/**
 * Parses a `Retry-After` header, which is a number of seconds or a date (RFC 9110), into milliseconds from now, an
 * hour at most. Returns null for a missing or invalid one.
 */
export function parseRetryAfter(header: string | null): number | null {
  if (!header) return null;
  const ms = /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.min(MAX_MS, Math.max(0, ms)) : null;
}
