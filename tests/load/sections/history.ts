import { requestsPerSecond } from '../load.ts';
import { type Round, type Row, toRow } from '../report.ts';
import type { Options, World } from '../world.ts';

const clients = 20;

/** Measures reading the latest 50 messages of a session. */
export async function history(world: World, { ms, rounds }: Options): Promise<Row[]> {
  await using baseline = await world.startSubject('baseline');
  const { schema, userId, cookie } = world;
  const { sessionId } = (await world.newSessions(1))[0]!;
  const { pool } = world.db;
  await pool.query(`UPDATE ${schema}."AgentTask" SET "status" = 'COMPLETED' WHERE "sessionId" = $1`, [sessionId]);
  await pool.query(
    `WITH task AS (
       INSERT INTO ${schema}."AgentTask" ("id", "sessionId", "ownerId", "requestId", "message", "status")
       SELECT gen_random_uuid(), $1, $2, gen_random_uuid(), 'How is web-' || n || '?', 'COMPLETED'
       FROM generate_series(1, 100) n RETURNING "id", "message"
     ), numbered AS (SELECT *, row_number() OVER () * 6 AS "seq" FROM task)
     INSERT INTO ${schema}."ConversationMessage" ("id", "sessionId", "taskId", "role", "parts", "status", "seq")
     SELECT gen_random_uuid(), $1, "id", r::${schema}."MessageRole", jsonb_build_array(jsonb_build_object('type', 'text', 'text',
       CASE r WHEN 'USER' THEN "message" ELSE repeat('The disk is fine. ', 20) END)),
       CASE r WHEN 'ASSISTANT' THEN 'COMPLETED'::${schema}."TaskStatus" END, "seq"
     FROM numbered, unnest(ARRAY['USER', 'ASSISTANT']) r`,
    [sessionId, userId],
  );
  await pool.query(`ANALYZE ${schema}."ConversationMessage", ${schema}."AgentTask"`);

  const input = encodeURIComponent(JSON.stringify({ sessionId }));
  const load = { clients, ms, status: 200 };
  const page = { method: 'GET', path: `/trpc/session.messages?input=${input}`, headers: { cookie } };
  const rows = { method: 'GET', path: `/history?session=${sessionId}&owner=${userId}` };
  const measured: Round[] = [];
  for (let round = 0; round <= rounds; round++) {
    const result = {
      baseline: await requestsPerSecond(baseline, { ...load, next: () => rows }),
      value: await requestsPerSecond(world.server, { ...load, next: () => page }),
    };
    if (round > 0) measured.push(result);
  }
  return [toRow('history page of 50 messages, requests/s', measured, { baseline: 0.65, is: 'at least' })];
}
