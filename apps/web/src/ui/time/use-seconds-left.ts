import { useNow } from './use-now.ts';

/** Returns the remaining seconds until a time, updated every second. It is 0 after that time, or without one. */
export function useSecondsLeft(until: string | undefined) {
  const now = useNow(until ? 1_000 : null);
  return until ? Math.max(0, Math.ceil((Date.parse(until) - now) / 1_000)) : 0;
}

/** Formats seconds like `4:07`. */
export const formatClock = (seconds: number) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
