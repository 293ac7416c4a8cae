import { randomUUID } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { delay } from '@it0/node/delay';
import { Redis } from 'ioredis';
import type { Logger } from 'pino';
import type { Bus } from './bus.ts';
import { createWire } from './wire.ts';

const STREAMS = Array.from({ length: 16 }, (_, shard) => `it0:bus:${shard}`);
const toStream = (channel: string) => STREAMS[crc32(channel) % STREAMS.length]!;
const IDENTITY_KEY = 'it0:bus';
/** Approximate length of a stream, for servers that reconnect after a short interruption. */
const STREAM_MAXLEN = 1_000;
const MAX_BYTES = 64_000;
const BLOCK_MS = 5_000;
const RETRY_MS = 100;
/** Position before the first entry of a stream. */
const STREAM_START = '0-0';

/**
 * Creates a bus between the servers with one Redis, by a fixed number of streams that each server reads with a single
 * blocking command. After a lost connection, it continues at its last position, or at the start of the streams if Redis
 * has lost its data. Rejects when Redis cannot be reached; reconnects by itself after that.
 */
export async function createRedisBus({ url, log }: { url: string; log: Logger }): Promise<Bus> {
  // Commands fail at once on a broken connection, since both loops retry.
  const options = { lazyConnect: true, maxRetriesPerRequest: 0, retryStrategy: () => RETRY_MS, protocol: 2 } as const;
  const writer = new Redis(url, { ...options, socketTimeout: 5_000 });
  const reader = new Redis(url, { ...options, socketTimeout: 2 * BLOCK_MS });
  for (const redis of [writer, reader]) redis.on('error', () => {});
  const disconnect = () => {
    writer.disconnect();
    reader.disconnect();
  };

  const wire = createWire({
    maxBytes: MAX_BYTES,
    log,
    async send(messages) {
      const pipeline = writer.pipeline();
      for (const { channel, body } of messages)
        pipeline.xadd(toStream(channel), 'MAXLEN', '~', STREAM_MAXLEN, '*', 'm', body);
      const failed = (await pipeline.exec())?.find(([error]) => error);
      if (failed) throw failed[0];
    },
  });
  let positions: string[];
  let closed = false;

  /** Returns the id of the last entry of each stream. */
  async function readTails(): Promise<string[]> {
    return Promise.all(
      STREAMS.map(async (stream) => (await reader.xrevrange(stream, '+', '-', 'COUNT', 1))[0]?.[0] ?? STREAM_START),
    );
  }

  async function read() {
    const result = await reader.xread('COUNT', 1_000, 'BLOCK', BLOCK_MS, 'STREAMS', ...STREAMS, ...positions);
    for (const [stream, entries] of result ?? []) {
      for (const [id, [, body]] of entries) {
        positions[STREAMS.indexOf(stream)] = id;
        wire.receive(body!);
      }
    }
  }

  /** Resumes reading after a reconnect. Redis may be empty now, so that the identity is written again. */
  async function resume() {
    await reader.set(IDENTITY_KEY, identity);
    const tails = await readTails();
    positions = positions.map((position, shard) => (isAfter(position, tails[shard]!) ? STREAM_START : position));
    wire.reportGap();
  }

  async function readLoop() {
    for (let isBroken = false; !closed; ) {
      try {
        if (isBroken) await resume();
        isBroken = false;
        await read();
      } catch {
        isBroken = true;
        await delay(RETRY_MS);
      }
    }
  }

  let identity: string;
  try {
    await Promise.all([writer.connect(), reader.connect()]);
    await writer.set(IDENTITY_KEY, randomUUID(), 'NX');
    identity = (await writer.get(IDENTITY_KEY))!;
    positions = await readTails();
  } catch (error) {
    disconnect();
    throw error;
  }
  const reading = readLoop();

  return {
    ...wire,
    identity: `redis ${identity}`,
    async [Symbol.asyncDispose]() {
      closed = true;
      await wire[Symbol.asyncDispose]();
      disconnect();
      await reading;
    },
  };
}

/** Returns whether the id of a stream entry is later than another. An id is a time in milliseconds and a number. */
function isAfter(id: string, other: string): boolean {
  const [ms, n] = id.split('-').map(Number) as [number, number];
  const [otherMs, otherN] = other.split('-').map(Number) as [number, number];
  return ms > otherMs || (ms === otherMs && n > otherN);
}
