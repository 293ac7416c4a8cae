import type { Bus } from '@it0/bus/bus';

/** Whether something was heard on these channels since it was last asked, also before. */
export function createChannelSignal(bus: Bus, channels: string[]) {
  let isNew = false;
  let wake: (() => void) | undefined;
  const stops = channels.map((channel) =>
    bus.subscribe(channel, () => {
      isNew = true;
      wake?.();
    }),
  );
  return {
    /** Resolves with the next news, after so many milliseconds at most, or when the signal aborts. */
    async next(withinMs: number, signal?: AbortSignal) {
      if (!isNew && withinMs > 0 && !signal?.aborted) {
        const { promise, resolve } = Promise.withResolvers<void>();
        const timer = setTimeout(resolve, withinMs);
        wake = resolve;
        signal?.addEventListener('abort', () => resolve(), { once: true });
        await promise;
        clearTimeout(timer);
      }
      isNew = false;
    },
    [Symbol.dispose]() {
      for (const stop of stops) stop();
    },
  };
}
