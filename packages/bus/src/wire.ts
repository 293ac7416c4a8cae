import { randomUUID } from 'node:crypto';
import type { Bus, Delivery } from './bus.ts';
import { chunkBatch } from './chunk-batch.ts';
import { createFanOut } from './fan-out.ts';
import { createSendQueue, type Message, type SendQueueOptions } from './send-queue.ts';

/** Options of `createWire`. */
export type WireOptions = Pick<SendQueueOptions, 'send' | 'log'> & {
  /** Maximum size of the delivery in a message. */
  maxBytes: number;
};

/** A bus without a transport, which calls `receive` and `reportGap`. */
export type Wire = Omit<Bus, 'identity'> & {
  /** Handles the body of a message of any server. Parses it once, and only if it has listeners. */
  receive(body: string): void;
  /** Notifies all listeners of this process that messages may be lost. */
  reportGap(): void;
};

const PING_TIMEOUT_MS = 3_000;
/** Internal channels. Other channels begin with the id of a tenant. */
const BROADCAST_CHANNEL = '*';
const PING_CHANNEL = '?';

/** Creates the common part of the buses between processes; only the transport differs. */
export function createWire({ send, maxBytes, log }: WireOptions): Wire {
  const origin = randomUUID();
  const fanOut = createFanOut();
  const pendingPings = new Map<string, PromiseWithResolvers<void>>();
  const encode = (channel: string, payload: string): Message => ({ channel, body: `${origin} ${channel} ${payload}` });
  const outgoing = createSendQueue({ send, overflowMessage: encode(BROADCAST_CHANNEL, ''), log });
  const reportGap = () => fanOut.deliverToAll({ upTo: Number.POSITIVE_INFINITY });

  return {
    publish(channel, batch) {
      fanOut.deliver(channel, batch);
      for (const payload of chunkBatch(batch, maxBytes)) outgoing.push(encode(channel, payload));
    },
    subscribe: fanOut.subscribe,
    listenerCount: fanOut.count,
    reportGap,
    receive(body) {
      const [from, channel] = body.split(' ', 2) as [string, string];
      const payload = body.slice(from.length + channel.length + 2);
      if (channel === PING_CHANNEL) pendingPings.get(payload)?.resolve();
      else if (from === origin) return;
      else if (channel === BROADCAST_CHANNEL) reportGap();
      else if (fanOut.hasListeners(channel)) fanOut.deliver(channel, JSON.parse(payload) as Delivery);
    },
    async ping() {
      const id = randomUUID();
      const start = performance.now();
      const response = Promise.withResolvers<void>();
      const timer = setTimeout(() => response.reject(new Error('No response over the bus.')), PING_TIMEOUT_MS);
      pendingPings.set(id, response);
      outgoing.push(encode(PING_CHANNEL, id));
      try {
        await response.promise;
        return performance.now() - start;
      } finally {
        clearTimeout(timer);
        pendingPings.delete(id);
      }
    },
    async [Symbol.asyncDispose]() {
      await outgoing[Symbol.asyncDispose]();
      for (const { reject } of pendingPings.values()) reject(new Error('The bus is closed.'));
    },
  };
}
