import type { Bus } from '@it0/bus/bus';
import { Signal } from '../../signal.ts';

/** Creates a signal that is set by every message on the channels and reset by `next`. */
export function createChannelSignal(bus: Bus, channels: string[]) {
  const signal = new Signal();
  const set = () => signal.set();
  const stops = channels.map((channel) => bus.subscribe(channel, set));
  return {
    /** Resolves when a message has arrived since the last call, after `withinMs`, or when `abort` aborts. */
    async next(withinMs: number, abort?: AbortSignal) {
      if (abort?.aborted) return;
      abort?.addEventListener('abort', set);
      await signal.waitFor(withinMs);
      abort?.removeEventListener('abort', set);
    },
    [Symbol.dispose]() {
      for (const stop of stops) stop();
    },
  };
}
