import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { Redis } from 'ioredis';
import type { Logger } from 'pino';
import type { Bus } from './bus.ts';
import { createWire } from './wire.ts';

const streams = Array.from({ length: 16 }, (_, shard) => `it0:bus:${shard}`);
const streamOf = (channel: string) => streams[crc32(channel) % streams.length]!;
const identityKey = 'it0:bus';
/** How much of a stream is kept for servers that lose their connection for a moment. */
const kept = 1_000;
const mostBytes = 64_000;
const blockMs = 5_000;
const retryMs = 100;
/** Before everything in a stream. */
const start = '0-0';

/**
 * Servers with one Redis hear each other through a fixed number of streams, each server by a single blocking read. After
 * a lost connection it reads on where it was; if Redis has lost its data, from what there is. Rejects when Redis cannot
 * be reached; once it runs, it comes back by itself.
 */
export async function createRedisBus({ url, log }: { url: string; log: Logger }): Promise<Bus> {
  // A command that meets a broken connection fails at once: both loops know best what to do then.
  const options = { lazyConnect: true, maxRetriesPerRequest: 0, retryStrategy: () => retryMs, protocol: 2 } as const;
  const writer = new Redis(url, { ...options, socketTimeout: 5_000 });
  const reader = new Redis(url, { ...options, socketTimeout: 2 * blockMs });
  for (const redis of [writer, reader]) redis.on('error', () => {});
  const disconnect = () => {
    writer.disconnect();
    reader.disconnect();
  };

  const wire = createWire({
    mostBytes,
    log,
    async send(messages) {
      const pipeline = writer.pipeline();
      for (const { channel, body } of messages) pipeline.xadd(streamOf(channel), 'MAXLEN', '~', kept, '*', 'm', body);
      const failed = (await pipeline.exec())?.find(([error]) => error);
      if (failed) throw failed[0];
    },
  });
  let positions: string[];
  let closed = false;

  async function ends(): Promise<string[]> {
    return Promise.all(
      streams.map(async (stream) => (await reader.xrevrange(stream, '+', '-', 'COUNT', 1))[0]?.[0] ?? start),
    );
  }

  async function read() {
    const news = await reader.xread('COUNT', 1_000, 'BLOCK', blockMs, 'STREAMS', ...streams, ...positions);
    for (const [stream, entries] of news ?? []) {
      for (const [id, [, body]] of entries) {
        positions[streams.indexOf(stream)] = id;
        wire.receive(body!);
      }
    }
  }

  /** Back after a break: Redis may be empty now, and the others are to know it by the same name. */
  async function resume() {
    await reader.set(identityKey, identity);
    const now = await ends();
    positions = positions.map((position, shard) => (isAfter(position, now[shard]!) ? start : position));
    wire.missed();
  }

  async function readOn() {
    for (let broken = false; !closed; ) {
      try {
        if (broken) await resume();
        broken = false;
        await read();
      } catch {
        broken = true;
        await sleep(retryMs);
      }
    }
  }

  let identity: string;
  try {
    await Promise.all([writer.connect(), reader.connect()]);
    await writer.set(identityKey, randomUUID(), 'NX');
    identity = (await writer.get(identityKey))!;
    positions = await ends();
  } catch (error) {
    disconnect();
    throw error;
  }
  const reading = readOn();

  return {
    ...wire,
    identity: `redis ${identity}`,
    async close() {
      closed = true;
      await wire.close();
      disconnect();
      await reading;
    },
  };
}

/** Whether a stream's id is later than another: milliseconds and a number within them. */
function isAfter(id: string, other: string): boolean {
  const [ms, n] = id.split('-').map(Number) as [number, number];
  const [otherMs, otherN] = other.split('-').map(Number) as [number, number];
  return ms > otherMs || (ms === otherMs && n > otherN);
}
