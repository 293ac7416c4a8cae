import { useNow } from './use-now.ts';

/** How many seconds are left until then, as they go: never below zero, and none without a then. */
export function useSecondsLeft(until: string | undefined) {
  const now = useNow(until ? 1_000 : null);
  return until ? Math.max(0, Math.ceil((Date.parse(until) - now) / 1_000)) : 0;
}

/** `4:07` */
export const clock = (seconds: number) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
