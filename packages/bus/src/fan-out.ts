import type { Delivery, Listener } from './bus.ts';

export type FanOut = ReturnType<typeof createFanOut>;

/** Creates the registry of the listeners of this process. */
export function createFanOut() {
  const channels = new Map<string, Set<Listener>>();
  let count = 0;
  return {
    subscribe(channel: string, listener: Listener) {
      const listeners = channels.get(channel) ?? new Set();
      channels.set(channel, listeners.add(listener));
      count++;
      return () => {
        if (!listeners.delete(listener)) return;
        count--;
        if (listeners.size === 0 && channels.get(channel) === listeners) channels.delete(channel);
      };
    },
    hasListeners: (channel: string) => channels.has(channel),
    deliver(channel: string, delivery: Delivery) {
      for (const listener of channels.get(channel) ?? []) listener(delivery);
    },
    deliverToAll(delivery: Delivery) {
      for (const listeners of channels.values()) for (const listener of listeners) listener(delivery);
    },
    count: () => count,
  };
}
