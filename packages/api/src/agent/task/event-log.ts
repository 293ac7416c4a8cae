import type { DurableEvent, TaskStatus } from '@it0/contracts/chat-event';
import type { Reason } from '@it0/contracts/reasons';
import type { Queryable } from '@it0/db/queryable';
import { quoteTenantSchema } from '@it0/db/sql';
import type { NewEvent } from './task.ts';
import { OPEN_STATUSES } from './task.ts';

/** A change of a task, and the events that report it. */
export type TaskChange = {
  tenantId: string;
  taskId: string;
  /** The statuses from which the change is allowed; all open ones by default. */
  from?: readonly TaskStatus[];
  /** The new status; unchanged when undefined. */
  status?: TaskStatus;
  reason?: Reason | null;
  /** The reports behind the change. It is rejected unless `after` is the number of the last report in the log. */
  reports?: { after: number; count: number };
  events: NewEvent[];
};

/**
 * Returns an SQL expression: the new `lastActiveAt` of the session `s`. It changes at most once a second, so that most
 * events do not update its index.
 */
export const nextLastActiveAtSql = (now: string) =>
  `CASE WHEN s."lastActiveAt" > ${now}::timestamptz - interval '1 second' THEN s."lastActiveAt" ELSE ${now} END`;

const CHANGE = (schema: string) => `
  WITH task AS (
    UPDATE ${schema}."AgentTask"
    SET
      "status" = COALESCE($3::${schema}."TaskStatus", "status"),
      "reason" = COALESCE($4, "reason"),
      "lastN" = "lastN" + $6,
      "endedAt" = CASE WHEN $3 IN ('COMPLETED', 'FAILED', 'TIMED_OUT', 'CANCELLED') THEN $8 ELSE "endedAt" END
    WHERE "id" = $1
      AND "status"::text = ANY($2)
      AND ($5::int IS NULL OR "lastN" = $5)
    RETURNING "sessionId"
  ), session AS (
    UPDATE ${schema}."AgentSession" s
    SET
      "seq" = s."seq" + $9::int,
      "lastActiveAt" = ${nextLastActiveAtSql('$8')}
    FROM task
    WHERE s."id" = task."sessionId"
    RETURNING s."id", s."seq"
  ), event AS (
    INSERT INTO ${schema}."ChatEvent" ("sessionId", "seq", "taskId", "payload", "createdAt")
    SELECT session."id", session."seq" - $9::int + e."ordinality", $1, e."value", $8
    FROM session, jsonb_array_elements($7::jsonb) WITH ORDINALITY e
  )
  SELECT "id" AS "sessionId", "seq" FROM session`;

/**
 * Changes a task, and appends the events to the log of its session, in one statement: a compare-and-set on the row of
 * the task. All changes of existing tasks are made here or in `createReportAppender`. Returns null when the task is not
 * in an allowed status, or its last report is not `reports.after`.
 */
export async function changeTask(db: Queryable, change: TaskChange) {
  const at = new Date();
  const { rows } = await db.query<{ sessionId: string; seq: string }>({
    name: `change-task:${change.tenantId}`,
    text: CHANGE(quoteTenantSchema(change.tenantId)),
    values: [
      change.taskId,
      change.from ?? OPEN_STATUSES,
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

/** Converts a stored event to its wire format. */
export const toDurableEvent = (event: NewEvent, { seq, at, taskId }: { seq: number; at: Date; taskId: string }) =>
  ({ ...event, seq, at: at.toISOString(), taskId }) as DurableEvent;
