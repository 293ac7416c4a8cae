import { setTimeout } from 'node:timers/promises';

/** Waits `ms` milliseconds, or until the signal aborts. Never rejects. */
export const delay = (ms: number, signal?: AbortSignal): Promise<void> =>
  setTimeout(ms, undefined, { signal }).catch(() => {});
