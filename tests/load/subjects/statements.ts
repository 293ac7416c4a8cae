import type { Pool } from 'pg';
import { v7 as newId } from 'uuid';

// The statements of the baseline and the peers, which write the same rows as the product.

const CREATE = (schema: string) => `
  WITH instance AS (
    SELECT "id" FROM ${schema}."AgentInstance" WHERE "id" = $1 AND "ownerId" = $2 AND "status" = 'RUNNING'
  ), session AS (
    UPDATE ${schema}."AgentSession" SET "seq" = "seq" + 2, "lastActiveAt" = now()
    WHERE "id" = $3 AND "ownerId" = $2 AND "agentInstanceId" = (SELECT "id" FROM instance) RETURNING "id", "seq"
  ), task AS (
    INSERT INTO ${schema}."AgentTask" ("id", "sessionId", "ownerId", "requestId", "message")
    SELECT $4, "id", $2, $5, $6 FROM session
  ), message AS (
    INSERT INTO ${schema}."ConversationMessage" ("id", "sessionId", "taskId", "role", "parts", "seq")
    SELECT $7, "id", $4, 'USER', $8::jsonb, "seq" - 1 FROM session
  ), event AS (
    INSERT INTO ${schema}."ChatEvent" ("sessionId", "seq", "taskId", "payload")
    SELECT session."id", session."seq" - 2 + e."ordinality", $4, e."value"
    FROM session, jsonb_array_elements($9::jsonb) WITH ORDINALITY e
  ), dispatch AS (
    INSERT INTO public."Dispatch" ("tenantId", "sessionId", "taskId") SELECT $10, "id", $4 FROM session
  )
  SELECT "id" FROM session`;

export type NewTask = {
  tenantId: string;
  ownerId: string;
  instanceId: string;
  sessionId: string;
  requestId: string;
  message: string;
};

export async function createTask(pool: Pool, schema: string, task: NewTask) {
  const [taskId, messageId] = [newId(), newId()];
  const parts = [{ type: 'text', text: task.message }];
  const events = [
    { type: 'message', messageId, requestId: task.requestId, text: task.message },
    { type: 'task', status: 'QUEUED' },
  ];
  const { rows } = await pool.query({
    name: 'create',
    text: CREATE(schema),
    values: [
      task.instanceId,
      task.ownerId,
      task.sessionId,
      taskId,
      task.requestId,
      task.message,
      messageId,
      JSON.stringify(parts),
      JSON.stringify(events),
      task.tenantId,
    ],
  });
  return { sessionId: rows[0].id, taskId };
}

const APPEND = (schema: string) => `
  WITH task AS (
    UPDATE ${schema}."AgentTask" SET "lastN" = "lastN" + $3
    WHERE "id" = $1 AND "status" = 'RUNNING' AND "lastN" = $2 RETURNING "sessionId"
  ), session AS (
    UPDATE ${schema}."AgentSession" s SET "seq" = s."seq" + $3, "lastActiveAt" = now()
    FROM task WHERE s."id" = task."sessionId" RETURNING s."id", s."seq"
  ), event AS (
    INSERT INTO ${schema}."ChatEvent" ("sessionId", "seq", "taskId", "payload")
    SELECT session."id", session."seq" - $3 + e."ordinality", $1, e."value"
    FROM session, jsonb_array_elements($4::jsonb) WITH ORDINALITY e
  )
  SELECT "id", "seq" FROM session`;

export type Reported = { taskId: string; events: { n?: number; type: string }[] };

/** Appends numbered events to the log. Returns null when their numbers do not continue it. */
export async function append(pool: Pool, schema: string, { taskId, events }: Reported) {
  const { rows } = await pool.query({
    name: 'append',
    text: APPEND(schema),
    values: [taskId, events[0]!.n! - 1, events.length, JSON.stringify(events)],
  });
  const row = rows[0];
  if (!row) return null;
  const first = Number(row.seq) - events.length + 1;
  return {
    sessionId: row.id as string,
    events: events.map((event, index) => ({ ...event, seq: first + index, taskId })),
  };
}

export const HISTORY = (schema: string) => `
  SELECT m."id", m."role", m."taskId", m."parts", m."status", m."seq", m."createdAt"
  FROM ${schema}."AgentSession" s JOIN ${schema}."ConversationMessage" m ON m."sessionId" = s."id"
  WHERE s."id" = $1 AND s."ownerId" = $2 ORDER BY m."seq" DESC, m."role" DESC LIMIT 50`;

export const MISSED = (schema: string) =>
  `SELECT "seq", "taskId", "payload", "createdAt" FROM ${schema}."ChatEvent"
   WHERE "sessionId" = $1 AND "seq" > $2 ORDER BY "seq"`;
