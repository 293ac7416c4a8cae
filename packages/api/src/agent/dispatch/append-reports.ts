import type { ApprovalReport, DurableReport } from '@it0/contracts/bridge';
import type { DurableEvent } from '@it0/contracts/chat-event';
import type { Pool } from 'pg';
import { createTenantBatcher } from '../../batcher.ts';
import { activeAt, changeTask, tenantTables, toDurableEvent } from '../task/event-log.ts';
import { type NewEvent, openStatuses } from '../task/task.ts';
import type { Capability } from './callback-token.ts';

/** Reports that change nothing but the log, and the status of a task that begins to run. */
type Reported = { capability: Capability; reports: Plain[] };
type Plain = Exclude<DurableReport, ApprovalReport>;

const RUNNING = openStatuses.map((status) => `'${status}'`).join(', ');

const APPEND = (schema: string) => `
  WITH report AS (
    SELECT * FROM unnest($1::uuid[], $2::int[], $3::int[], $4::boolean[])
      WITH ORDINALITY r("taskId", "after", "count", "begins", "place")
  ), task AS (
    UPDATE ${schema}."AgentTask" t SET
      "status" = CASE WHEN report."begins" THEN 'RUNNING' ELSE t."status" END,
      "lastN" = t."lastN" + report."count"
    FROM report WHERE t."id" = report."taskId" AND t."lastN" = report."after" AND t."status" IN (${RUNNING})
    RETURNING t."id", t."sessionId", report."count", report."place"
  ), session AS (
    UPDATE ${schema}."AgentSession" s SET
      "seq" = s."seq" + task."count",
      "lastActiveAt" = ${activeAt('$6')}
    FROM task WHERE s."id" = task."sessionId"
    RETURNING s."id", s."seq", task."id" AS "taskId", task."count", task."place"
  ), event AS (
    INSERT INTO ${schema}."ChatEvent" ("sessionId", "seq", "taskId", "payload", "createdAt")
    SELECT session."id", session."seq" - session."count" + e."ordinality", session."taskId", e."value", $6
    FROM session, jsonb_array_elements($5::jsonb -> (session."place"::int - 1)) WITH ORDINALITY e
  )
  SELECT "place"::int AS "place", "seq" FROM session`;

/**
 * Appends what bridges report to the log, as the events it became: the reports of many tasks in one statement and one
 * commit. Null where the log does not stand just before them.
 */
export function createReportLog(pool: Pool) {
  const append = createTenantBatcher<Reported, DurableEvent[] | null>({
    // For one, the statement for one is the faster.
    runBatch: (tenantId, questions) =>
      questions.length === 1 ? appendOne(pool, questions[0]!) : appendMany(pool, tenantId, questions),
    // One waits for the disk while the next is made ready.
    concurrency: 2,
    // The statement allocates a session's next `seq`s once.
    getKey: ({ capability }) => capability.sessionId,
  });
  return (reported: Reported) => append(reported.capability.tenantId, reported);
}
export type ReportLog = ReturnType<typeof createReportLog>;

async function appendOne(pool: Pool, { capability: { tenantId, taskId }, reports }: Reported) {
  const changed = await changeTask(pool, {
    tenantId,
    taskId,
    status: begins(reports) ? 'RUNNING' : undefined,
    reports: { after: reports[0]!.n - 1, count: reports.length },
    events: eventsOf(reports),
  });
  return [changed?.events ?? null];
}

async function appendMany(pool: Pool, tenantId: string, questions: Reported[]) {
  const at = new Date();
  const payloads = questions.map(({ reports }) => eventsOf(reports));
  const { rows } = await pool.query<{ place: number; seq: string }>({
    name: `append-reports:${tenantId}`,
    text: APPEND(tenantTables(tenantId)),
    values: [
      questions.map(({ capability }) => capability.taskId),
      questions.map(({ reports }) => reports[0]!.n - 1),
      questions.map(({ reports }) => reports.length),
      questions.map(({ reports }) => begins(reports)),
      JSON.stringify(payloads),
      at.toISOString(),
    ],
  });
  const seqs = new Map(rows.map(({ place, seq }) => [place - 1, Number(seq)]));
  return questions.map(({ capability: { taskId } }, index) => {
    const last = seqs.get(index);
    const events = payloads[index]!;
    return last === undefined
      ? null
      : events.map((event, place) => toDurableEvent(event, { seq: last - events.length + 1 + place, at, taskId }));
  });
}

const begins = (reports: Plain[]) => reports.some(({ type }) => type === 'task');
const eventsOf = (reports: Plain[]) => reports.map(({ n: _, ...event }): NewEvent => event);
