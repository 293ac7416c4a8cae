import { randomUUID } from 'node:crypto';
import type { Bus, Delivery } from './bus.ts';
import { chunkBatch } from './chunk-batch.ts';
import { createFanOut } from './fan-out.ts';
import { createSendQueue, type Message, type SendQueueOptions } from './send-queue.ts';

export type WireOptions = Pick<SendQueueOptions, 'send' | 'log'> & {
  /** How large the news in a message may be. */
  mostBytes: number;
};

export type Wire = Omit<Bus, 'identity'> & {
  /** The body of a message, whoever sent it. It is parsed once, and only when somebody listens. */
  receive(body: string): void;
  /** Tells every listener here that something may not have come. */
  missed(): void;
};

const pingMs = 3_000;
/** Channels of the wire's own: no session is called so. */
const [everybody, pings] = ['*', '?'];

/** What the buses between processes have in common: all but how a message gets from one to the other. */
export function createWire({ send, mostBytes, log }: WireOptions): Wire {
  const origin = randomUUID();
  const fanOut = createFanOut();
  const pending = new Map<string, () => void>();
  const message = (channel: string, news: string): Message => ({ channel, body: `${origin} ${channel} ${news}` });
  const outgoing = createSendQueue({ send, instead: message(everybody, ''), log });
  const missed = () => fanOut.deliverToAll({ upTo: Number.POSITIVE_INFINITY });

  return {
    publish(channel, batch) {
      fanOut.deliver(channel, batch);
      for (const news of chunkBatch(batch, mostBytes)) outgoing.put(message(channel, news));
    },
    subscribe: fanOut.subscribe,
    listenerCount: fanOut.count,
    missed,
    receive(body) {
      const [from, channel] = body.split(' ', 2) as [string, string];
      const news = body.slice(from.length + channel.length + 2);
      if (channel === pings) pending.get(news)?.();
      else if (from === origin) return;
      else if (channel === everybody) missed();
      else if (fanOut.hasListeners(channel)) fanOut.deliver(channel, JSON.parse(news) as Delivery);
    },
    ping() {
      const id = randomUUID();
      const start = performance.now();
      const { promise, resolve, reject } = Promise.withResolvers<number>();
      const timer = setTimeout(() => reject(new Error('Nothing comes back over the bus.')), pingMs);
      pending.set(id, () => resolve(performance.now() - start));
      outgoing.put(message(pings, id));
      return promise.finally(() => {
        clearTimeout(timer);
        pending.delete(id);
      });
    },
    close: outgoing.close,
  };
}
