import type { Bus, Listener } from './bus.ts';

/** The bus of a single process. */
export function memoryBus(): Bus {
  const channels = new Map<string, Set<Listener>>();
  return {
    publish(channel, batch) {
      for (const listener of channels.get(channel) ?? []) listener(batch);
    },
    async subscribe(channel, listener) {
      const listeners = channels.get(channel) ?? new Set();
      channels.set(channel, listeners.add(listener));
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0 && channels.get(channel) === listeners) channels.delete(channel);
      };
    },
    async close() {
      channels.clear();
    },
  };
}
