import { type ApprovalRule, decideByRules } from '@it0/contracts/approval-rule';
import type { ApprovalReport, DurableReport } from '@it0/contracts/bridge';
import { type ApprovalStatus, PENDING_LIMIT, type TaskStatus } from '@it0/contracts/chat-event';
import { limits } from '@it0/contracts/limits';
import { createWork } from '@it0/contracts/rules/work';
import { tenantTables } from '@it0/db/sql';
import type { PoolClient } from 'pg';
import { AppError } from '../../errors.ts';
import type { Capability } from '../dispatch/callback-token.ts';
import { makeDue } from '../dispatch/dispatch-table.ts';
import { readEffectiveRules } from './effective-rules.ts';
import { type ApprovalRequest, digestSubject, isSameRequest } from './same-request.ts';

type ApprovalEvent = Omit<ApprovalReport, 'expiresInMs'> & { expiresAt: string; decidedByRule?: string };
/** A report in the form of the event log. */
type LogEntry = Exclude<DurableReport, ApprovalReport> | ApprovalEvent;
type ApprovalRow = { id: string; status: ApprovalStatus; request: ApprovalRequest; expiresAt: Date };

/**
 * Records the approvals that a bridge reports. The instance's rules are applied to new ones, and their decisions are
 * delivered to the bridge like those of a person. A report that repeats a known decision is ignored. The caller locks
 * the task's row, and wakes the dispatcher after the commit when something was decided. Returns the new log entries
 * and the status of the task after them. Throws INVALID_INPUT for a report that contradicts itself or an earlier one.
 */
export async function recordApprovals(
  client: PoolClient,
  capability: Capability,
  reports: DurableReport[],
): Promise<{ entries: LogEntry[]; status: TaskStatus | undefined }> {
  const { tenantId, taskId, instanceId } = capability;
  const schema = tenantTables(tenantId);
  const ids = reports.flatMap((report) => (report.type === 'approval' ? report.approvalId : []));
  if (ids.length === 0)
    return { entries: reports.filter((report) => report.type !== 'approval'), status: statusForReports(reports) };
  const { rows } = await client.query<ApprovalRow>(
    `SELECT "id", "status", "request", "expiresAt" FROM ${schema}."Approval" WHERE "taskId" = $1 AND "id" = ANY($2)`,
    [taskId, ids],
  );
  const approvals = new Map(rows.map((row) => [row.id, row]));
  const work = createWork();
  let rules: ApprovalRule[] | undefined;
  let isDecided = false;
  let [count, pending] = await countApprovals(client, capability);

  /**
   * Applies the instance's rules, with limited work for all reports. Without a decision of theirs, a person decides,
   * unless too many are pending.
   */
  async function applyRules(report: ApprovalReport): Promise<{ status: ApprovalStatus; rule: string | null }> {
    const undecided =
      pending < limits.taskPendingApprovals
        ? { status: report.status, rule: null }
        : { status: 'DENIED' as const, rule: PENDING_LIMIT };
    // iAgent has no rules.
    if (!instanceId || report.expiresInMs === 0) return undecided;
    rules ??= await readEffectiveRules(client, tenantId, instanceId);
    const { action, by } = decideByRules(rules, report, work);
    if (by === null || action === 'ask') return undecided;
    if (action === 'deny') return { status: 'DENIED', rule: by };
    return report.allowedDecisions.includes('allow-once') ? { status: 'ALLOWED', rule: by } : undecided;
  }

  async function insert(report: ApprovalReport): Promise<ApprovalEvent> {
    requireConsistent(report);
    const { status, rule } = await applyRules(report);
    const { n: _, expiresInMs, ...request } = report;
    const { rows } = await client.query<{ expiresAt: Date }>(
      `INSERT INTO ${schema}."Approval" ("id", "taskId", "request", "status", "expiresAt", "decidedByRule", "decidedAt")
       VALUES ($1, $2, $3, $4::${schema}."ApprovalStatus", now() + $5::float8 * interval '1 millisecond', $6,
         CASE WHEN $6::text IS NOT NULL THEN now() END)
       ON CONFLICT ("id") DO NOTHING RETURNING "expiresAt"`,
      [report.approvalId, taskId, JSON.stringify(request), status, expiresInMs, rule],
    );
    if (!rows[0]) throw new AppError('INVALID_INPUT', 'This approval belongs to another task.');
    isDecided ||= rule !== null;
    count++;
    if (status === 'PENDING') pending++;
    const { expiresAt } = rows[0];
    approvals.set(report.approvalId, { id: report.approvalId, status, request, expiresAt });
    return toEvent({ ...report, status }, expiresAt, rule);
  }

  async function update(report: ApprovalReport): Promise<ApprovalEvent | undefined> {
    const before = approvals.get(report.approvalId);
    // A bridge that asks on anyway gets no decision, and its approval expires.
    if (!before && count >= limits.taskApprovals) return;
    if (!before && report.status !== 'PENDING')
      throw new AppError('INVALID_INPUT', 'The first report of an approval must have the status PENDING.');
    if (!before) return insert(report);
    if (!isSameRequest(before.request, report))
      throw new AppError('INVALID_INPUT', 'The request of this approval cannot change.');
    if (before.status === report.status || report.status === 'PENDING') return;
    // Decisions of people and rules are recorded before a bridge can report them.
    if (report.status === 'ALLOWED') throw new AppError('INVALID_INPUT', 'This approval was not allowed.');
    // A bridge that gave up has not seen a decision that was made before that. One that got a denial has: the
    // user who allowed it lost the right meanwhile.
    if (before.status !== 'PENDING' && report.status !== 'DENIED') return;
    if (before.status === 'PENDING') pending--;
    before.status = report.status;
    await client.query(`UPDATE ${schema}."Approval" SET "status" = $2::${schema}."ApprovalStatus" WHERE "id" = $1`, [
      report.approvalId,
      report.status,
    ]);
    return toEvent(report, before.expiresAt, null);
  }

  const entries: LogEntry[] = [];
  for (const report of reports) {
    const event = report.type === 'approval' ? await update(report) : report;
    if (event) entries.push(event);
  }
  if (isDecided) await makeDue(client, capability);
  return { entries, status: statusForApprovals(pending) };
}

/** Returns the new status of a task for reports without approvals; undefined when it does not change. */
const statusForReports = (reports: DurableReport[]) =>
  reports.some(({ type }) => type === 'task') ? 'RUNNING' : undefined;

/** Counts the approvals of the task, and those of them that are pending. */
async function countApprovals(client: PoolClient, { tenantId, taskId }: Capability): Promise<[number, number]> {
  const { rows } = await client.query<{ count: number; pending: number }>(
    `SELECT count(*)::int AS "count", (count(*) FILTER (WHERE "status" = 'PENDING'))::int AS "pending"
     FROM ${tenantTables(tenantId)}."Approval" WHERE "taskId" = $1`,
    [taskId],
  );
  return [rows[0]!.count, rows[0]!.pending];
}

/** Requires that the first report of an approval is pending and has the digest of its subject. */
function requireConsistent(report: ApprovalReport) {
  if (report.status !== 'PENDING')
    throw new AppError('INVALID_INPUT', 'The first report of an approval must have the status PENDING.');
  if (report.digest !== digestSubject(report))
    throw new AppError('INVALID_INPUT', 'The digest does not match the request.');
}

const toEvent = ({ expiresInMs: _, ...report }: ApprovalReport, expiresAt: Date, rule: string | null) => ({
  ...report,
  expiresAt: expiresAt.toISOString(),
  ...(rule !== null && { decidedByRule: rule }),
});

/** Returns the status of a running task: it waits as long as one of its approvals is pending. */
export const statusForApprovals = (pendingCount: number): TaskStatus =>
  pendingCount > 0 ? 'WAITING_APPROVAL' : 'RUNNING';
