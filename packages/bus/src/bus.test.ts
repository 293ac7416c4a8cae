import { randomUUID } from 'node:crypto';
import type { DurableEvent, EphemeralEvent } from '@it0/contracts/chat-event';
import { testDatabase } from '@it0/tests/support/database';
import { hasRedis, redisHint, startRedis } from '@it0/tests/support/redis';
import { until } from '@it0/tests/support/until';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { type Bus, type Delivery, isGap } from './bus.ts';
import { createMemoryBus } from './memory.ts';
import { createPostgresBus } from './postgres.ts';
import { createRedisBus } from './redis.ts';

const log = pino({ level: 'silent' });
const taskId = randomUUID();
const durable = (seq: number, command = 'ls'): DurableEvent => ({
  ...{ type: 'tool', phase: 'start', callId: 'c', name: 'exec', title: command, textOffset: 0 },
  ...{ seq, taskId, at: new Date(0).toISOString() },
});
const textDelta = (offset: number, delta: string): EphemeralEvent => ({ type: 'text', taskId, offset, delta });

/** Buses of two servers. `disconnect` breaks their connections. */
type Pair = AsyncDisposable & { here: Bus; there: Bus; disconnect(): Promise<unknown> };

const pairs: Record<string, () => Promise<Pair>> = {
  async memory() {
    const bus = createMemoryBus();
    return { here: bus, there: bus, disconnect: async () => {}, [Symbol.asyncDispose]: bus[Symbol.asyncDispose] };
  },
  async postgres() {
    const stack = new AsyncDisposableStack();
    const database = stack.use(await testDatabase());
    const bus = () => createPostgresBus({ url: database.url, log });
    const [here, there] = [stack.use(await bus()), stack.use(await bus())];
    const disconnect = () =>
      database.pool.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE application_name = 'it0 bus' AND datname = current_database()`,
      );
    return { here, there, disconnect, [Symbol.asyncDispose]: () => stack.disposeAsync() };
  },
  async redis() {
    const stack = new AsyncDisposableStack();
    const { url } = stack.use(await startRedis());
    const bus = () => createRedisBus({ url, log });
    const [here, there] = [stack.use(await bus()), stack.use(await bus())];
    const admin = stack.adopt(new Redis(url), (redis) => redis.disconnect());
    const disconnect = () => admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    return { here, there, disconnect, [Symbol.asyncDispose]: () => stack.disposeAsync() };
  },
};

/** Subscribes to a channel and records its deliveries. */
function subscribe(bus: Bus, channel = 'a:1') {
  const deliveries: Delivery[] = [];
  const stop = bus.subscribe(channel, (delivery) => deliveries.push(delivery));
  const events = () => deliveries.flatMap((delivery) => (isGap(delivery) ? [] : delivery));
  return {
    deliveries,
    stop,
    events,
    seqs: () => events().flatMap((event) => ('seq' in event ? [event.seq] : [])),
    gaps: () => deliveries.filter(isGap).map(({ upTo }) => upTo),
  };
}

for (const [name, open] of Object.entries(pairs)) {
  const skipped = name === 'redis' && !hasRedis;
  describe.skipIf(skipped)(skipped ? `${name}: ${redisHint}` : name, () => {
    test('publish delivers batches to every server once and in order', async () => {
      await using pair = await open();
      const [own, other] = [subscribe(pair.here), subscribe(pair.there)];
      const seqs = Array.from({ length: 2_000 }, (_, index) => index + 1);
      for (const seq of seqs) pair.here.publish('a:1', [durable(seq)]);
      expect(own.seqs()).toEqual(seqs);
      await until(() => other.seqs().length >= seqs.length);
      await pair.here.ping();
      expect(other.deliveries).toEqual(own.deliveries);
      expect(own.seqs()).toEqual(seqs);
    });

    test('subscribe receives only its channel, until it is stopped', async () => {
      await using pair = await open();
      const [first, second] = [subscribe(pair.there, 'a:1'), subscribe(pair.there, 'a:2')];
      pair.here.publish('a:1', [durable(1)]);
      await until(() => first.seqs().length === 1);
      first.stop();
      first.stop();
      expect(pair.there.listenerCount()).toBe(1);
      pair.here.publish('a:1', [durable(2)]);
      pair.here.publish('a:2', [durable(3)]);
      await until(() => second.seqs().length === 1);
      expect([first.seqs(), second.seqs()]).toEqual([[1], [3]]);
    });

    test('a batch that is too large for one message keeps all text, and has a gap for a large durable event', async () => {
      await using pair = await open();
      const subscription = subscribe(pair.there);
      const text = '汉字 🙂 \u0007 '.repeat(20_000);
      const output = 'x'.repeat(100_000);
      pair.here.publish('a:1', [durable(1), durable(2, output), textDelta(0, text), durable(3)]);
      await until(() => subscription.seqs().includes(3));
      if (name !== 'memory') expect(subscription.gaps()).toEqual([2]);
      const received = subscription
        .events()
        .reduce((before, event) => (event.type === 'text' ? before.slice(0, event.offset) + event.delta : before), '');
      expect(received).toBe(text);
    });

    test('ping measures the round trip', async () => {
      await using pair = await open();
      expect(await pair.here.ping()).toBeLessThan(3_000);
    });

    if (name === 'memory') return;

    test('listeners receive a gap after a lost connection, and then further events', async () => {
      await using pair = await open();
      const [own, other] = [subscribe(pair.here), subscribe(pair.there)];
      await pair.disconnect();
      await until(() => own.gaps().length > 0 && other.gaps().length > 0);
      expect(other.gaps()).toEqual([Number.POSITIVE_INFINITY]);
      pair.here.publish('a:1', [durable(1)]);
      await until(() => other.seqs().length > 0);
    });

    test('batches published without a connection arrive after the reconnect', async () => {
      await using pair = await open();
      const other = subscribe(pair.there);
      await pair.here.ping();
      const disconnected = pair.disconnect();
      pair.here.publish('a:1', [durable(1), textDelta(0, 'Hi')]);
      await disconnected;
      pair.here.publish('a:1', [textDelta(2, ' there')]);
      await until(() => other.gaps().length > 0 || other.events().length > 2);
      pair.here.publish('a:1', [durable(2)]);
      await until(() => other.seqs().includes(2));
      if (name === 'redis') expect(other.events().map((event) => event.type)).toEqual(['tool', 'text', 'text', 'tool']);
    });

    test('buses of connected servers have the same identity', async () => {
      await using pair = await open();
      expect(pair.there.identity).toBe(pair.here.identity);
    });
  });
}

test.skipIf(!hasRedis)('the bus keeps its identity and continues when Redis restarts without data', async () => {
  await using redis = await startRedis();
  const options = { url: redis.url, log };
  await using here = await createRedisBus(options);
  await using there = await createRedisBus(options);
  const subscription = subscribe(there);
  here.publish('a:1', [durable(1)]);
  await until(() => subscription.seqs().length === 1);
  await redis.kill();
  here.publish('a:1', [durable(2)]);
  await redis.start();
  await until(() => subscription.gaps().length > 0 && subscription.seqs().includes(2));
  here.publish('a:1', [durable(3)]);
  await until(() => subscription.seqs().includes(3));
  await using late = await createRedisBus(options);
  expect(late.identity).toBe(here.identity);
});

test('createPostgresBus and createRedisBus reject when they cannot connect', async () => {
  await expect(createPostgresBus({ url: 'postgresql://127.0.0.1:1/none', log })).rejects.toThrow();
  await expect(createRedisBus({ url: 'redis://127.0.0.1:1', log })).rejects.toThrow();
});
