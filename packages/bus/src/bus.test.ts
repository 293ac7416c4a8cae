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
const piece = (offset: number, delta: string): EphemeralEvent => ({ type: 'text', taskId, offset, delta });

/** Two servers' buses over one wire, and what breaks it. */
type Pair = AsyncDisposable & { here: Bus; there: Bus; cut(): Promise<unknown> };

const pairs: Record<string, () => Promise<Pair>> = {
  async memory() {
    const bus = createMemoryBus();
    return { here: bus, there: bus, cut: async () => {}, [Symbol.asyncDispose]: bus.close };
  },
  async postgres() {
    const stack = new AsyncDisposableStack();
    const database = stack.use(await testDatabase());
    const bus = () => createPostgresBus({ url: database.url, log });
    const [here, there] = [stack.adopt(await bus(), close), stack.adopt(await bus(), close)];
    const cut = () =>
      database.pool.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE application_name = 'it0 bus' AND datname = current_database()`,
      );
    return { here, there, cut, [Symbol.asyncDispose]: () => stack.disposeAsync() };
  },
  async redis() {
    const stack = new AsyncDisposableStack();
    const { url } = stack.use(await startRedis());
    const bus = () => createRedisBus({ url, log });
    const [here, there] = [stack.adopt(await bus(), close), stack.adopt(await bus(), close)];
    const admin = stack.adopt(new Redis(url), (redis) => redis.disconnect());
    const cut = () => admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    return { here, there, cut, [Symbol.asyncDispose]: () => stack.disposeAsync() };
  },
};
const close = (bus: Bus) => bus.close();

/** Listens and keeps what comes. */
function hear(bus: Bus, channel = 'a:1') {
  const news: Delivery[] = [];
  const stop = bus.subscribe(channel, (heard) => news.push(heard));
  const events = () => news.flatMap((heard) => (isGap(heard) ? [] : heard));
  return {
    news,
    stop,
    events,
    seqs: () => events().flatMap((event) => ('seq' in event ? [event.seq] : [])),
    missed: () => news.filter(isGap).map(({ upTo }) => upTo),
  };
}

for (const [name, open] of Object.entries(pairs)) {
  const skipped = name === 'redis' && !hasRedis;
  describe.skipIf(skipped)(skipped ? `${name}: ${redisHint}` : name, () => {
    test('what is published arrives at every server once and in order', async () => {
      await using pair = await open();
      const [own, other] = [hear(pair.here), hear(pair.there)];
      const seqs = Array.from({ length: 2_000 }, (_, index) => index + 1);
      for (const seq of seqs) pair.here.publish('a:1', [durable(seq)]);
      expect(own.seqs()).toEqual(seqs);
      await until(() => other.seqs().length >= seqs.length);
      await pair.here.ping();
      expect(other.news).toEqual(own.news);
      expect(own.seqs()).toEqual(seqs);
    });

    test('a channel is heard by those who listen to it, for as long as they do', async () => {
      await using pair = await open();
      const [first, second] = [hear(pair.there, 'a:1'), hear(pair.there, 'a:2')];
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

    test('a batch too large for one message loses neither text nor the news that there is something to read', async () => {
      await using pair = await open();
      const heard = hear(pair.there);
      const text = '汉字 🙂 \u0007 '.repeat(20_000);
      const output = 'x'.repeat(100_000);
      pair.here.publish('a:1', [durable(1), durable(2, output), piece(0, text), durable(3)]);
      await until(() => heard.seqs().includes(3));
      if (name !== 'memory') expect(heard.missed()).toEqual([2]);
      const told = heard
        .events()
        .reduce((so, event) => (event.type === 'text' ? so.slice(0, event.offset) + event.delta : so), '');
      expect(told).toBe(text);
    });

    test('a ping tells how long the way is', async () => {
      await using pair = await open();
      expect(await pair.here.ping()).toBeLessThan(3_000);
    });

    if (name === 'memory') return;

    test('whoever listens is told when something may have been missed, and hears what follows', async () => {
      await using pair = await open();
      const [own, other] = [hear(pair.here), hear(pair.there)];
      await pair.cut();
      await until(() => own.missed().length > 0 && other.missed().length > 0);
      expect(other.missed()).toEqual([Number.POSITIVE_INFINITY]);
      pair.here.publish('a:1', [durable(1)]);
      await until(() => other.seqs().length > 0);
    });

    test('what is published while the wire is down arrives', async () => {
      await using pair = await open();
      const other = hear(pair.there);
      await pair.here.ping();
      const cut = pair.cut();
      pair.here.publish('a:1', [durable(1), piece(0, 'Hi')]);
      await cut;
      pair.here.publish('a:1', [piece(2, ' there')]);
      await until(() => other.missed().length > 0 || other.events().length > 2);
      pair.here.publish('a:1', [durable(2)]);
      await until(() => other.seqs().includes(2));
      if (name === 'redis') expect(other.events().map((event) => event.type)).toEqual(['tool', 'text', 'text', 'tool']);
    });

    test('they have one identity', async () => {
      await using pair = await open();
      expect(pair.there.identity).toBe(pair.here.identity);
    });
  });
}

test.skipIf(!hasRedis)('a Redis that comes back empty is known by its old name, and carries on', async () => {
  await using redis = await startRedis();
  const options = { url: redis.url, log };
  const [here, there] = [await createRedisBus(options), await createRedisBus(options)];
  const heard = hear(there);
  here.publish('a:1', [durable(1)]);
  await until(() => heard.seqs().length === 1);
  await redis.kill();
  here.publish('a:1', [durable(2)]);
  await redis.start();
  await until(() => heard.missed().length > 0 && heard.seqs().includes(2));
  here.publish('a:1', [durable(3)]);
  await until(() => heard.seqs().includes(3));
  const late = await createRedisBus(options);
  expect(late.identity).toBe(here.identity);
  await Promise.all([here, there, late].map(close));
});

test('a bus that cannot be reached says so at the start', async () => {
  await expect(createPostgresBus({ url: 'postgresql://127.0.0.1:1/none', log })).rejects.toThrow();
  await expect(createRedisBus({ url: 'redis://127.0.0.1:1', log })).rejects.toThrow();
});
