import { quoteTenantSchema } from '@it0/db/sql';
import { v7 as newId } from 'uuid';
import type { Session, World } from '../world.ts';

const writeReply = (n: number) =>
  [
    `## Check ${n}`,
    'All hosts answered. The **disk** of `web-2` is the fullest one, and the backup of last night is complete. 磁盘还有足够的空间，备份也已完成。',
    '- web-1: 41 % used\n- web-2: 78 % used\n- db-1: 12 % used',
    '```sh\ndf -h /\nsystemctl status nginx --no-pager\n```',
    '| host | load | memory |\n|---|---|---|\n| web-1 | 0.4 | 2.1 GB |\n| web-2 | 1.8 | 3.4 GB |',
    'The queue was empty all night, and no request took longer than a second. '.repeat((n % 7) + 1),
  ]
    .slice(0, (n % 6) + 1)
    .join('\n\n');

/** Texts of replies from 10 to 900 characters, with blocks of all kinds. */
export const REPLIES = Array.from({ length: 42 }, (_, n) => writeReply(n));

/** Creates a session with this many ended turns, one an hour. Returns its id. */
export async function newHistory({ db, tenantId, userId, instanceId }: World, turns: number): Promise<string> {
  const schema = quoteTenantSchema(tenantId);
  const sessionId = newId();
  await db.pool.query(
    `INSERT INTO ${schema}."AgentSession" ("id", "ownerId", "agentInstanceId", "engineType", "title", "seq")
     VALUES ($1, $2, $3, 'openclaw', 'Long', $4)`,
    [sessionId, userId, instanceId, turns],
  );
  await db.pool.query(
    `WITH task AS (
       INSERT INTO ${schema}."AgentTask" ("id", "sessionId", "ownerId", "requestId", "message", "status")
       SELECT gen_random_uuid(), $1, $2, gen_random_uuid(), 'Question ' || n || ': how is web-' || n % 9 || '?', 'COMPLETED'
       FROM generate_series(1, $3) n RETURNING "id", "message"
     ), numbered AS (SELECT *, row_number() OVER () AS "seq" FROM task)
     INSERT INTO ${schema}."ConversationMessage"
       ("id", "sessionId", "taskId", "role", "parts", "status", "seq", "createdAt")
     SELECT CASE r WHEN 'USER' THEN gen_random_uuid() ELSE "id" END, $1, "id", r::${schema}."MessageRole",
       jsonb_build_array(jsonb_build_object('type', 'text', 'text',
         CASE r WHEN 'USER' THEN "message" ELSE ($4::text[])["seq" % ${REPLIES.length} + 1] END)),
       CASE r WHEN 'ASSISTANT' THEN 'COMPLETED'::${schema}."TaskStatus" END, "seq",
       now() - ($3 - "seq") * interval '1 hour'
     FROM numbered, unnest(ARRAY['USER', 'ASSISTANT']) r`,
    [sessionId, userId, turns, REPLIES],
  );
  await db.pool.query(`ANALYZE ${schema}."ConversationMessage", ${schema}."AgentTask"`);
  return sessionId;
}

/** Adds a message whose task runs, and returns the session for its callbacks. */
export async function addRunningTask(world: World, sessionId: string): Promise<Session> {
  const { db, tenantId, userId } = world;
  const schema = quoteTenantSchema(tenantId);
  const taskId = newId();
  await db.pool.query(
    `WITH session AS (
       UPDATE ${schema}."AgentSession" SET "seq" = "seq" + 1 WHERE "id" = $1 RETURNING "seq"
     ), task AS (
       INSERT INTO ${schema}."AgentTask" ("id", "sessionId", "ownerId", "requestId", "message", "status")
       VALUES ($2, $1, $3, $2, 'Stream', 'RUNNING')
     )
     INSERT INTO ${schema}."ConversationMessage" ("id", "sessionId", "taskId", "requestId", "role", "parts", "seq")
     SELECT gen_random_uuid(), $1, $2, $2, 'USER', '[{"type": "text", "text": "Stream"}]', "seq" FROM session`,
    [sessionId, taskId, userId],
  );
  const session = { sessionId, taskId, n: 0, offset: 0, token: '' };
  await world.renewTokens([session]);
  return session;
}
