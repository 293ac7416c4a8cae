import type { Delivery, Listener } from './bus.ts';

export type FanOut = ReturnType<typeof createFanOut>;

/** The listeners of one process. */
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
    deliver(channel: string, news: Delivery) {
      for (const listener of channels.get(channel) ?? []) listener(news);
    },
    deliverToAll(news: Delivery) {
      for (const listeners of channels.values()) for (const listener of listeners) listener(news);
    },
    count: () => count,
  };
}
