import { connectionPool } from '../load.ts';
import { median, type Round, type Row, toRow } from '../report.ts';
import { baseline, product, type Reader, socketIo, type Target, word } from '../target.ts';
import type { Options, Session, World } from '../world.ts';

const readers = 400;

/** Measures callbacks, from a bridge's POST to the frame at the reader: 400 readers of one person, each in a session. */
export async function callback(world: World, { ms, rounds }: Options): Promise<Row[]> {
  await using baselineSubject = await world.startSubject('baseline');
  await using peerSubject = await world.startSubject('socket-io');
  const targets = {
    baseline: await follow(baseline(baselineSubject, await world.newSessions(readers))),
    value: await follow(product(world, await world.newSessions(readers))),
    peer: await follow(socketIo(peerSubject, await world.newSessions(readers))),
  };
  async function measureRounds(measure: (target: Followed) => Promise<number>) {
    const measured: Round[] = [];
    for (let round = 0; round <= rounds; round++) {
      const result = {
        baseline: await measure(targets.baseline),
        value: await measure(targets.value),
        peer: await measure(targets.peer),
      };
      // The first round is a warm-up.
      if (round > 0) measured.push(result);
    }
    return measured;
  }

  const rows = [
    toRow(
      'callback, durable, 10 a POST, events/s',
      await measureRounds((target) => measureThroughput(target, { kind: tools, perPost: 10, ms })),
      {
        ...{ baseline: 0.75, peer: 1.05, is: 'at least' },
      },
    ),
    toRow(
      'callback, durable, 1 a POST, events/s',
      await measureRounds((target) => measureThroughput(target, { kind: tools, perPost: 1, ms })),
      {
        ...{ baseline: 0.6, peer: 1, is: 'at least' },
      },
    ),
    toRow('callback, durable, p50 ms at 200 events/s', await measureRounds((target) => measureLatency(target, ms)), {
      ...{ baseline: 1.4, is: 'at most' },
    }),
    toRow(
      'callback, deltas, 10 a POST, events/s',
      await measureRounds((target) => measureThroughput(target, { kind: deltas, perPost: 10, ms })),
      {
        ...{ baseline: 0.5, peer: 1.5, is: 'at least' },
      },
    ),
  ];
  for (const target of Object.values(targets)) target.close();
  return rows;
}

export type Followed = Target & {
  /** Resolves when `count` more events have arrived. */
  whenDelivered(count: number): Promise<void>;
  /** Listeners for the next frame, by session. */
  onNext: (() => void)[];
  close(): void;
};

/** Opens a reader on every session. */
export async function follow(target: Target): Promise<Followed> {
  const open: Reader[] = [];
  const onNext: (() => void)[] = [];
  let arrivedCount = 0;
  let expectedCount = Number.POSITIVE_INFINITY;
  let arrived = () => {};
  const read = (session: Session, index: number) =>
    target.read(session, (count) => {
      onNext[index]?.();
      arrivedCount += count;
      if (arrivedCount >= expectedCount) arrived();
    });
  for (let from = 0; from < target.sessions.length; from += 50) {
    const some = target.sessions.slice(from, from + 50);
    open.push(...(await Promise.all(some.map((session, index) => read(session, from + index)))));
  }
  arrivedCount = 0;
  let total = 0;
  return {
    ...target,
    onNext,
    async whenDelivered(count) {
      total += count;
      expectedCount = total;
      if (arrivedCount < expectedCount) await new Promise<void>((resolve) => (arrived = resolve));
    },
    close() {
      for (const reader of open) reader.close();
    },
  };
}

type Kind = { name: 'durable' | 'ephemeral'; next(session: Session, count: number): object[] };

/** Numbered reports of tool calls. */
export const tools: Kind = {
  name: 'durable',
  next: (session, count) =>
    Array.from({ length: count }, () => {
      const n = ++session.n;
      const step = { type: 'tool', callId: `call_${n >> 1}`, n };
      return n % 2
        ? { ...step, phase: 'start', name: 'exec', title: 'df -h', args: '{"command":"df -h"}', textOffset: 0 }
        : { ...step, phase: 'end', status: 'completed', output: 'Filesystem  Size  Used Avail Use%', exitCode: 0 };
    }),
};

const deltas: Kind = {
  name: 'ephemeral',
  next: (session, count) =>
    Array.from({ length: count }, () => {
      const { offset } = session;
      session.offset += word.length;
      return { type: 'text', offset, delta: word };
    }),
};

type Load = { kind: Kind; perPost: number; ms: number; bridges?: number };

/** Measures events per second, from the first POST to the last delivery. Each task has one POST at a time. */
export async function measureThroughput(target: Followed, { kind, perPost, ms, bridges = 20 }: Load): Promise<number> {
  const { subject, sessions } = target;
  const pool = connectionPool(subject, bridges);
  let sent = 0;
  const start = performance.now();
  await Promise.all(
    Array.from({ length: bridges }, async (_, bridge) => {
      for (let next = bridge; performance.now() - start < ms; next += bridges) {
        const session = sessions[next % sessions.length]!;
        sent += perPost;
        await pool.send(target.post(session, kind.next(session, perPost), kind.name), 200);
      }
    }),
  );
  await target.whenDelivered(sent);
  const seconds = (performance.now() - start) / 1000;
  pool.close();
  return sent / seconds;
}

/** Measures the median time from a POST to its reader, at 200 POSTs per second. */
async function measureLatency(target: Followed, ms: number): Promise<number> {
  const pool = connectionPool(target.subject, 100);
  const times: number[] = [];
  const posts: Promise<void>[] = [];
  const count = Math.min(target.sessions.length, Math.round(ms / 5));
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
  return median(times)!;

  function post(index: number) {
    const session = target.sessions[index]!;
    const sent = performance.now();
    target.onNext[index] = () => times.push(performance.now() - sent);
    posts.push(pool.send(target.post(session, tools.next(session, 1), 'durable'), 200));
  }
}
