import type { ApprovalReport, DurableReport } from '@it0/contracts/bridge';
import type { DurableEvent } from '@it0/contracts/chat-event';
import { quoteTenantSchema, toLiterals } from '@it0/db/sql';
import type { Pool } from 'pg';
import { createTenantBatcher } from '../../batcher.ts';
import { changeTask, nextLastActiveAtSql, toDurableEvent } from '../task/event-log.ts';
import { type NewEvent, OPEN_STATUSES } from '../task/task.ts';
import type { Capability } from './callback-token.ts';

/** The reports of one callback, without approvals and the end of the task. */
type TaskReports = { capability: Capability; reports: PlainReport[] };
type PlainReport = Exclude<DurableReport, ApprovalReport>;

const APPEND = (schema: string) => `
  WITH report AS (
    SELECT *
    FROM unnest($1::uuid[], $2::int[], $3::int[], $4::boolean[])
      WITH ORDINALITY r("taskId", "after", "count", "startsTask", "position")
  ), task AS (
    UPDATE ${schema}."AgentTask" t
    SET
      "status" = CASE WHEN report."startsTask" THEN 'RUNNING' ELSE t."status" END,
      "lastN" = t."lastN" + report."count"
    FROM report
    WHERE t."id" = report."taskId"
      AND t."lastN" = report."after"
      AND t."status" IN (${toLiterals(OPEN_STATUSES)})
    RETURNING t."id", t."sessionId", report."count", report."position"
  ), session AS (
    UPDATE ${schema}."AgentSession" s
    SET
      "seq" = s."seq" + task."count",
      "lastActiveAt" = ${nextLastActiveAtSql('$6')}
    FROM task
    WHERE s."id" = task."sessionId"
    RETURNING s."id", s."seq", task."id" AS "taskId", task."count", task."position"
  ), event AS (
    INSERT INTO ${schema}."ChatEvent" ("sessionId", "seq", "taskId", "payload", "createdAt")
    SELECT s."id", s."seq" - s."count" + e."ordinality", s."taskId", e."value", $6
    FROM session s, jsonb_array_elements($5::jsonb -> (s."position"::int - 1)) WITH ORDINALITY e
  )
  SELECT "position"::int AS "position", "seq" FROM session`;

/**
 * Creates the function that appends reports of bridges to the event log, those of many tasks in one statement and one
 * commit. The function returns the events, or null when the first report is not the next one of its task.
 */
export function createReportAppender(pool: Pool) {
  const append = createTenantBatcher<TaskReports, DurableEvent[] | null>({
    // The statement for a single task is faster.
    runBatch: (tenantId, batch) =>
      batch.length === 1 ? appendOne(pool, batch[0]!) : appendMany(pool, tenantId, batch),
    // While one batch waits for the disk, the next one is prepared.
    concurrency: 2,
    // The statement can allocate `seq`s for a session only once.
    getKey: ({ capability }) => capability.sessionId,
  });
  return (reports: TaskReports) => append(reports.capability.tenantId, reports);
}
export type ReportAppender = ReturnType<typeof createReportAppender>;

async function appendOne(pool: Pool, { capability: { tenantId, taskId }, reports }: TaskReports) {
  const changed = await changeTask(pool, {
    tenantId,
    taskId,
    status: startsTask(reports) ? 'RUNNING' : undefined,
    reports: { after: reports[0]!.n - 1, count: reports.length },
    events: toEvents(reports),
  });
  return [changed?.events ?? null];
}

async function appendMany(pool: Pool, tenantId: string, batch: TaskReports[]) {
  const at = new Date();
  const payloads = batch.map(({ reports }) => toEvents(reports));
  const { rows } = await pool.query<{ position: number; seq: string }>({
    name: `append-reports:${tenantId}`,
    text: APPEND(quoteTenantSchema(tenantId)),
    values: [
      batch.map(({ capability }) => capability.taskId),
      batch.map(({ reports }) => reports[0]!.n - 1),
      batch.map(({ reports }) => reports.length),
      batch.map(({ reports }) => startsTask(reports)),
      JSON.stringify(payloads),
      at.toISOString(),
    ],
  });
  const seqs = new Map(rows.map(({ position, seq }) => [position - 1, Number(seq)]));
  return batch.map(({ capability: { taskId } }, index) => {
    const last = seqs.get(index);
    const events = payloads[index]!;
    return last === undefined
      ? null
      : events.map((event, offset) => toDurableEvent(event, { seq: last - events.length + 1 + offset, at, taskId }));
  });
}

const startsTask = (reports: PlainReport[]) => reports.some(({ type }) => type === 'task');
const toEvents = (reports: PlainReport[]) => reports.map(({ n: _, ...event }): NewEvent => event);
