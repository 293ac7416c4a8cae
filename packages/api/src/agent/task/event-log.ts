import type { DurableEvent, TaskStatus } from '@it0/contracts/chat-event';
import { toTenantSchema } from '@it0/contracts/ids';
import type { Reason } from '@it0/contracts/reasons';
import type { Pool, PoolClient } from 'pg';
import type { NewEvent } from './task.ts';
import { openStatuses } from './task.ts';

export type Queryable = Pick<Pool | PoolClient, 'query'>;

/** A change of one task and the events that tell of it. */
export type Change = {
  tenantId: string;
  taskId: string;
  /** The states it may be in; all that are not terminal by default. */
  from?: readonly TaskStatus[];
  /** Its next state; it keeps the one it has without. */
  status?: TaskStatus;
  reason?: Reason | null;
  /** The bridge's reports it stands for: nothing happens unless `after` is the last one the log has. */
  reports?: { after: number; count: number };
  events: NewEvent[];
};

/** A session's recency, to the second: an index has it, which need not learn of every event. */
export const activeAt = (now: string) =>
  `CASE WHEN s."lastActiveAt" > ${now}::timestamptz - interval '1 second' THEN s."lastActiveAt" ELSE ${now} END`;

const CHANGE = (schema: string) => `
  WITH task AS (
    UPDATE ${schema}."AgentTask" SET
      "status" = COALESCE($3::${schema}."TaskStatus", "status"),
      "reason" = COALESCE($4, "reason"),
      "lastN" = "lastN" + $6,
      "endedAt" = CASE WHEN $3 IN ('COMPLETED', 'FAILED', 'TIMED_OUT', 'CANCELLED') THEN $8 ELSE "endedAt" END
    WHERE "id" = $1 AND "status"::text = ANY($2) AND ($5::int IS NULL OR "lastN" = $5)
    RETURNING "sessionId"
  ), session AS (
    UPDATE ${schema}."AgentSession" s SET "seq" = s."seq" + $9::int, "lastActiveAt" = ${activeAt('$8')}
    FROM task WHERE s."id" = task."sessionId"
    RETURNING s."id", s."seq"
  ), event AS (
    INSERT INTO ${schema}."ChatEvent" ("sessionId", "seq", "taskId", "payload", "createdAt")
    SELECT session."id", session."seq" - $9::int + e."ordinality", $1, e."value", $8
    FROM session, jsonb_array_elements($7::jsonb) WITH ORDINALITY e
  )
  SELECT "id" AS "sessionId", "seq" FROM session`;

/**
 * The one place where a task changes after it was made: a compare-and-set on its row, the session's next `seq`s and the
 * events, in one statement. Null when the task was not in a state the change starts from.
 */
export async function changeTask(db: Queryable, change: Change) {
  const at = new Date();
  const { rows } = await db.query<{ sessionId: string; seq: string }>({
    name: `change-task:${change.tenantId}`,
    text: CHANGE(tenantTables(change.tenantId)),
    values: [
      change.taskId,
      change.from ?? openStatuses,
      change.status ?? null,
      change.reason ?? null,
      change.reports?.after ?? null,
      change.reports?.count ?? 0,
      JSON.stringify(change.events),
      at.toISOString(),
      change.events.length,
    ],
  });
  const row = rows[0];
  if (!row) return null;
  const first = Number(row.seq) - change.events.length + 1;
  const events = change.events.map((event, index) =>
    toDurableEvent(event, { seq: first + index, at, taskId: change.taskId }),
  );
  return { sessionId: row.sessionId, events };
}

/** A stored event as it goes over the wire. */
export const toDurableEvent = (event: NewEvent, place: { seq: number; at: Date; taskId: string }) =>
  ({ ...event, seq: place.seq, at: place.at.toISOString(), taskId: place.taskId }) as DurableEvent;

/** The tenant's schema, quoted for SQL: it is made of the id's hex digits alone. */
export const tenantTables = (tenantId: string) => `"${toTenantSchema(tenantId)}"`;

/** Runs `work` in one transaction. */
export async function transaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    client.release();
    return result;
  } catch (error) {
    const broken = await client.query('ROLLBACK').then(
      () => false,
      () => true,
    );
    client.release(broken);
    throw error;
  }
}
