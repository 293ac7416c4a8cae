import { connectionPool } from '../load.ts';
import type { Options } from '../main.ts';
import { medianOf, type Round, type Row, rowOf } from '../report.ts';
import { floor, ours, type Reader, socketIo, type Target, word } from '../target.ts';
import type { Conversation, World } from '../world.ts';

const readers = 400;

/** From a bridge's POST to the frame at the reader: 400 readers of one person, each on a conversation of their own. */
export async function callback(world: World, { ms, rounds }: Options): Promise<Row[]> {
  await using floorSubject = await world.other('floor');
  await using peerSubject = await world.other('socket-io');
  const targets = {
    floor: await follow(floor(floorSubject, await world.newConversations(readers))),
    value: await follow(ours(world, await world.newConversations(readers))),
    peer: await follow(socketIo(peerSubject, await world.newConversations(readers))),
  };
  async function interleaved(measure: (target: Followed) => Promise<number>) {
    const measured: Round[] = [];
    for (let round = 0; round <= rounds; round++) {
      const result = {
        floor: await measure(targets.floor),
        value: await measure(targets.value),
        peer: await measure(targets.peer),
      };
      // The first one warms up.
      if (round > 0) measured.push(result);
    }
    return measured;
  }

  const rows = [
    rowOf(
      'callback, durable, 10 a POST, events/s',
      await interleaved((target) => delivered(target, { kind: tools, perPost: 10, ms })),
      {
        ...{ floor: 0.75, peer: 1.05, is: 'at least' },
      },
    ),
    rowOf(
      'callback, durable, 1 a POST, events/s',
      await interleaved((target) => delivered(target, { kind: tools, perPost: 1, ms })),
      {
        ...{ floor: 0.6, peer: 1, is: 'at least' },
      },
    ),
    rowOf('callback, durable, p50 ms at 200 events/s', await interleaved((target) => latency(target, ms)), {
      ...{ floor: 1.4, is: 'at most' },
    }),
    rowOf(
      'callback, deltas, 10 a POST, events/s',
      await interleaved((target) => delivered(target, { kind: deltas, perPost: 10, ms })),
      {
        ...{ floor: 0.5, peer: 1.5, is: 'at least' },
      },
    ),
  ];
  for (const target of Object.values(targets)) target.close();
  return rows;
}

export type Followed = Target & {
  /** Calls back when so many more events have come. */
  whenDelivered(count: number): Promise<void>;
  /** Hears the next frame of one conversation. */
  onNext: (() => void)[];
  close(): void;
};

/** A reader on every conversation. */
export async function follow(target: Target): Promise<Followed> {
  const open: Reader[] = [];
  const onNext: (() => void)[] = [];
  let seen = 0;
  let awaited = Number.POSITIVE_INFINITY;
  let arrived = () => {};
  const read = (conversation: Conversation, index: number) =>
    target.read(conversation, (count) => {
      onNext[index]?.();
      seen += count;
      if (seen >= awaited) arrived();
    });
  for (let from = 0; from < target.conversations.length; from += 50) {
    const some = target.conversations.slice(from, from + 50);
    open.push(...(await Promise.all(some.map((conversation, index) => read(conversation, from + index)))));
  }
  seen = 0;
  let total = 0;
  return {
    ...target,
    onNext,
    async whenDelivered(count) {
      total += count;
      awaited = total;
      if (seen < awaited) await new Promise<void>((resolve) => (arrived = resolve));
    },
    close() {
      for (const reader of open) reader.close();
    },
  };
}

type Kind = { name: 'durable' | 'ephemeral'; next(conversation: Conversation, count: number): object[] };

/** Steps of a tool timeline, numbered as a bridge does. */
export const tools: Kind = {
  name: 'durable',
  next: (conversation, count) =>
    Array.from({ length: count }, () => {
      const n = ++conversation.n;
      const step = { type: 'tool', callId: `call_${n >> 1}`, n };
      return n % 2
        ? { ...step, phase: 'start', name: 'exec', title: 'df -h', args: '{"command":"df -h"}', textOffset: 0 }
        : { ...step, phase: 'end', status: 'completed', output: 'Filesystem  Size  Used Avail Use%', exitCode: 0 };
    }),
};

const deltas: Kind = {
  name: 'ephemeral',
  next: (conversation, count) =>
    Array.from({ length: count }, () => {
      const { offset } = conversation;
      conversation.offset += word.length;
      return { type: 'text', offset, delta: word };
    }),
};

type Load = { kind: Kind; perPost: number; ms: number; bridges?: number };

/** Events a second, from the first POST until the last one is with its reader. No task has two POSTs under way. */
export async function delivered(target: Followed, { kind, perPost, ms, bridges = 20 }: Load): Promise<number> {
  const { subject, conversations } = target;
  const pool = connectionPool(subject, bridges);
  let sent = 0;
  const start = performance.now();
  await Promise.all(
    Array.from({ length: bridges }, async (_, bridge) => {
      for (let next = bridge; performance.now() - start < ms; next += bridges) {
        const conversation = conversations[next % conversations.length]!;
        sent += perPost;
        await pool.send(target.post(conversation, kind.next(conversation, perPost), kind.name), 200);
      }
    }),
  );
  await target.whenDelivered(sent);
  const seconds = (performance.now() - start) / 1000;
  pool.close();
  return sent / seconds;
}

/** The median time from a POST to its reader, at 200 POSTs a second. */
async function latency(target: Followed, ms: number): Promise<number> {
  const pool = connectionPool(target.subject, 100);
  const times: number[] = [];
  const posts: Promise<void>[] = [];
  const count = Math.min(target.conversations.length, Math.round(ms / 5));
  await new Promise<void>((resolve) => {
    const start = performance.now();
    const tick = () => {
      while (posts.length < count && performance.now() - start >= posts.length * 5) post(posts.length);
      if (posts.length < count) setTimeout(tick, 1);
      else resolve();
    };
    tick();
  });
  await Promise.all(posts);
  await target.whenDelivered(count);
  pool.close();
  return medianOf(times)!;

  function post(index: number) {
    const conversation = target.conversations[index]!;
    const sent = performance.now();
    target.onNext[index] = () => times.push(performance.now() - sent);
    posts.push(pool.send(target.post(conversation, tools.next(conversation, 1), 'durable'), 200));
  }
}
