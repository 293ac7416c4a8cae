import { type Round, type Row, toRow } from '../report.ts';
import { baseline, product, socketIo, type Target } from '../target.ts';
import type { Options, World } from '../world.ts';

const MISSED_EVENTS = 10_000;

/** Measures a reconnect, from the new connection to the last missed event. */
export async function resume(world: World, { rounds }: Options): Promise<Row[]> {
  await using baselineSubject = await world.startSubject('baseline');
  await using peerSubject = await world.startSubject('socket-io');
  const sessions = await world.newSessions(1);
  const { sessionId, taskId } = sessions[0]!;
  const { pool } = world.db;
  await pool.query(
    `INSERT INTO ${world.schema}."ChatEvent" ("sessionId", "seq", "taskId", "payload")
     SELECT $1, n, $2, jsonb_build_object('type', 'tool', 'phase', 'end', 'callId', 'call_' || n,
       'status', 'completed', 'output', 'Filesystem  Size  Used Avail Use%', 'exitCode', 0)
     FROM generate_series(1, ${MISSED_EVENTS}) n`,
    [sessionId, taskId],
  );
  await pool.query(`UPDATE ${world.schema}."AgentSession" SET "seq" = ${MISSED_EVENTS} WHERE "id" = $1`, [sessionId]);
  await pool.query(`ANALYZE ${world.schema}."ChatEvent"`);

  async function measure(target: Target) {
    const start = performance.now();
    let arrivedCount = 0;
    let arrived = () => {};
    const all = new Promise<void>((resolve) => (arrived = resolve));
    const reader = await target.read(
      sessions[0]!,
      (count) => {
        arrivedCount += count;
        if (arrivedCount === MISSED_EVENTS) arrived();
      },
      0,
    );
    await all;
    reader.close();
    return performance.now() - start;
  }

  const measured: Round[] = [];
  for (let round = 0; round < rounds * 3 + 3; round++) {
    const result = {
      baseline: await measure(baseline(baselineSubject, sessions)),
      value: await measure(product(world, sessions)),
      peer: await measure(socketIo(peerSubject, sessions)),
    };
    if (round >= 3) measured.push(result);
  }
  return [toRow('resume after 10,000 missed events, ms', measured, { baseline: 1.4, peer: 0.7, is: 'at most' })];
}
