import type { Bus } from '@it0/bus/bus';

/** Creates a signal that is set by every message on the channels and reset by `next`. */
export function createChannelSignal(bus: Bus, channels: string[]) {
  let isSet = false;
  let wake: (() => void) | undefined;
  const stops = channels.map((channel) =>
    bus.subscribe(channel, () => {
      isSet = true;
      wake?.();
    }),
  );
  return {
    /** Resolves when a message has arrived since the last call, after `withinMs`, or when `signal` aborts. */
    async next(withinMs: number, signal?: AbortSignal) {
      if (!isSet && withinMs > 0 && !signal?.aborted) {
        const { promise, resolve } = Promise.withResolvers<void>();
        const timer = setTimeout(resolve, withinMs);
        wake = resolve;
        signal?.addEventListener('abort', () => resolve(), { once: true });
        await promise;
        clearTimeout(timer);
      }
      isSet = false;
    },
    [Symbol.dispose]() {
      for (const stop of stops) stop();
    },
  };
}
