import { randomUUID } from 'node:crypto';
import type { Bus } from './bus.ts';
import { createFanOut } from './fan-out.ts';

/** Creates a bus for a single process. */
export function createMemoryBus(): Bus {
  const fanOut = createFanOut();
  return {
    identity: `memory ${randomUUID()}`,
    publish: fanOut.deliver,
    subscribe: fanOut.subscribe,
    listenerCount: fanOut.count,
    ping: async () => 0,
    [Symbol.asyncDispose]: async () => {},
  };
}
