import { readFileSync } from 'node:fs';
import { connectionPool } from '../load.ts';
import { type Round, type Row, toRow } from '../report.ts';
import { product } from '../target.ts';
import type { Options, World } from '../world.ts';
import { type Followed, follow, measureThroughput, tools } from './callback.ts';

const few = 10;

/**
 * Measures the CPU time of an event in the server and Postgres, in µs: with few and many readers, and with a short and a
 * long log. The baseline is the same server before it grew.
 */
export async function growth(world: World, { ms, rounds, quick }: Options): Promise<Row[]> {
  const [many, long] = quick ? [1_000, 500_000] : [10_000, 5_000_000];
  const small = await follow(product(world, await world.newSessions(few)));
  const large = await follow(product(world, await world.newSessions(many)));
  const cost = async (target: Followed) => {
    // New tokens, since callbacks are rate limited per token and these few are used very often.
    if (target === small) await world.renewTokens(small.sessions);
    return measureEventCost(world, target, ms);
  };
  // The first report of a task costs more: its token is verified, and its row is read.
  for (const target of [small, large]) await reportOnce(target);
  const bySessions: Round[] = await repeat(rounds, async () => ({
    baseline: await cost(small),
    value: await cost(large),
  }));
  large.close();

  const before = await repeat(rounds, () => cost(small));
  await lengthenLog(world, long);
  await cost(small);
  const after = await repeat(rounds, () => cost(small));
  small.close();
  const log = after.map((value, index): Round => ({ value, baseline: before[index]! }));
  const goal = { baseline: 1.2, is: 'at most' } as const;
  return [
    toRow(`growth: CPU of an event, ${few} → ${many} sessions, µs`, bySessions, goal),
    toRow(`growth: CPU of an event, 10000 → ${long} rows in the log, µs`, log, goal),
  ];
}

async function measureEventCost({ postgresPid, server }: World, target: Followed, ms: number): Promise<number> {
  const used = () => readCpuMs(server.pid) + readCpuMs(postgresPid);
  const before = used();
  const start = performance.now();
  const rate = await measureThroughput(target, { kind: tools, perPost: 1, ms, bridges: few });
  const events = (rate * (performance.now() - start)) / 1000;
  return ((used() - before) * 1000) / events;
}

/** Sends one report in every session. */
async function reportOnce(target: Followed) {
  const bridges = few;
  const pool = connectionPool(target.subject, bridges);
  await Promise.all(
    Array.from({ length: bridges }, async (_, bridge) => {
      for (let next = bridge; next < target.sessions.length; next += bridges) {
        const session = target.sessions[next]!;
        await pool.send(target.post(session, tools.next(session, 1), tools.name), 200);
      }
    }),
  );
  await target.whenDelivered(target.sessions.length);
  pool.close();
}

/** Reads the user and system time of a process and its children from Linux's `/proc`, in ms. */
function readCpuMs(pid: number): number {
  const ticks = (of: number | string, from: number, to: number) => {
    const fields = readFileSync(`/proc/${of}/stat`, 'utf8').split(') ')[1]!.split(' ').slice(from, to);
    return fields.reduce((sum, field) => sum + Number(field), 0);
  };
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
  // The parent's times include those of exited children.
  return children.reduce((sum, child) => sum + ticks(child, 11, 13) * 10, ticks(pid, 11, 15) * 10);
}

async function repeat<T>(times: number, work: () => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let time = 0; time < times; time++) results.push(await work());
  return results;
}

/** Adds events to the log, a thousand per session. Recreates the indexes at the end, which is ten times as fast. */
async function lengthenLog({ db, schema, newSessions }: World, rows: number) {
  const sessions = await newSessions(rows / 1_000);
  const client = await db.pool.connect();
  const { rows: indexes } = await client.query<{ name: string; sql: string }>(
    `SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS sql FROM pg_index
     WHERE indrelid = '${schema}."ChatEvent"'::regclass AND NOT indisprimary`,
  );
  await client.query(`SET session_replication_role = replica`);
  for (const { name } of indexes) await client.query(`DROP INDEX ${name}`);
  await client.query(
    `INSERT INTO ${schema}."ChatEvent" ("sessionId", "seq", "taskId", "payload")
     SELECT s, n, t, jsonb_build_object('type', 'tool', 'phase', 'end', 'callId', 'call_' || n, 'status', 'completed',
       'output', 'Filesystem  Size  Used Avail Use%', 'exitCode', 0)
     FROM unnest($1::uuid[], $2::uuid[]) v(s, t), generate_series(1, 1000) n`,
    [sessions.map(({ sessionId }) => sessionId), sessions.map(({ taskId }) => taskId)],
  );
  for (const { sql } of indexes) await client.query(sql);
  await client.query(`VACUUM ANALYZE ${schema}."ChatEvent"`);
  await client.query('CHECKPOINT');
  client.release(true);
}
