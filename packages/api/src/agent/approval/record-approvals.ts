import { type ApprovalRule, decideByRules } from '@it0/contracts/approval-rule';
import type { ApprovalReport, DurableReport } from '@it0/contracts/bridge';
import type { ApprovalRequest, ApprovalStatus, TaskStatus } from '@it0/contracts/chat-event';
import { PENDING_LIMIT } from '@it0/contracts/event-kinds';
import { limits } from '@it0/contracts/limits';
import { createWork } from '@it0/contracts/rules/work';
import { quoteTenantSchema } from '@it0/db/sql';
import type { PoolClient } from 'pg';
import { AppError } from '../../errors.ts';
import type { Capability } from '../dispatch/callback-token.ts';
import { makeDue } from '../dispatch/dispatch-table.ts';
import { readEffectiveRules } from './effective-rules.ts';
import { digestSubject, isSameRequest } from './same-request.ts';

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
  const ids = reports.flatMap((report) => (report.type === 'approval' ? report.approvalId : []));
  if (ids.length === 0)
    return { entries: reports.filter((report) => report.type !== 'approval'), status: statusForReports(reports) };
  const recorder = new ApprovalRecorder(client, capability, await readApprovals(client, capability, ids));
  const entries: LogEntry[] = [];
  for (const report of reports) {
    const event = report.type === 'approval' ? await recorder.record(report) : report;
    if (event) entries.push(event);
  }
  if (recorder.hasDecided) await makeDue(client, capability);
  return { entries, status: statusForApprovals(recorder.pending) };
}

/** Approvals of a task: those that are reported, and the number of all and of the pending ones. */
type TaskApprovals = { reported: Map<string, ApprovalRow>; count: number; pending: number };

/** Records the reports of one callback. It limits the work of the rules for all of them together. */
class ApprovalRecorder {
  pending: number;
  /** Whether a rule, or the limit of pending approvals, has decided. */
  hasDecided = false;
  readonly #client: PoolClient;
  readonly #capability: Capability;
  readonly #reported: Map<string, ApprovalRow>;
  #count: number;
  #rules: ApprovalRule[] | undefined;
  readonly #work = createWork();

  constructor(client: PoolClient, capability: Capability, { reported, count, pending }: TaskApprovals) {
    this.#client = client;
    this.#capability = capability;
    this.#reported = reported;
    this.#count = count;
    this.pending = pending;
  }

  /** Records a report. Returns its event, or undefined if it changes nothing. */
  async record(report: ApprovalReport): Promise<ApprovalEvent | undefined> {
    const before = this.#reported.get(report.approvalId);
    if (before) return this.#update(before, report);
    // A bridge that asks on anyway gets no decision, and its approval expires.
    return this.#count < limits.taskApprovals ? this.#insert(report) : undefined;
  }

  async #insert(report: ApprovalReport): Promise<ApprovalEvent> {
    requireConsistent(report);
    const { status, rule } = await this.#applyRules(report);
    const { n: _, expiresInMs, ...request } = report;
    const { tenantId, taskId } = this.#capability;
    const schema = quoteTenantSchema(tenantId);
    const { rows } = await this.#client.query<{ expiresAt: Date }>(
      `INSERT INTO ${schema}."Approval" ("id", "taskId", "request", "status", "expiresAt", "decidedByRule", "decidedAt")
       VALUES ($1, $2, $3, $4::${schema}."ApprovalStatus", now() + $5::float8 * interval '1 millisecond', $6,
         CASE WHEN $6::text IS NOT NULL THEN now() END)
       ON CONFLICT ("id") DO NOTHING RETURNING "expiresAt"`,
      [report.approvalId, taskId, JSON.stringify(request), status, expiresInMs, rule],
    );
    if (!rows[0]) throw new AppError('INVALID_INPUT', 'This approval belongs to another task.');
    if (rule !== null) this.hasDecided = true;
    this.#count++;
    if (status === 'PENDING') this.pending++;
    const { expiresAt } = rows[0];
    this.#reported.set(report.approvalId, { id: report.approvalId, status, request, expiresAt });
    return toEvent({ ...report, status }, expiresAt, rule);
  }

  async #update(before: ApprovalRow, report: ApprovalReport): Promise<ApprovalEvent | undefined> {
    if (!isSameRequest(before.request, report))
      throw new AppError('INVALID_INPUT', 'The request of this approval cannot change.');
    if (before.status === report.status || report.status === 'PENDING') return;
    // Decisions of people and rules are recorded before a bridge can report them.
    if (report.status === 'ALLOWED') throw new AppError('INVALID_INPUT', 'This approval was not allowed.');
    // A bridge that gave up has not seen a decision that was made before that. One that got a denial has: the
    // user who allowed it lost the right meanwhile.
    if (before.status !== 'PENDING' && report.status !== 'DENIED') return;
    if (before.status === 'PENDING') this.pending--;
    before.status = report.status;
    const schema = quoteTenantSchema(this.#capability.tenantId);
    await this.#client.query(
      `UPDATE ${schema}."Approval" SET "status" = $2::${schema}."ApprovalStatus" WHERE "id" = $1`,
      [report.approvalId, report.status],
    );
    return toEvent(report, before.expiresAt, null);
  }

  /** Applies the instance's rules. Without a decision of theirs, a person decides, unless too many are pending. */
  async #applyRules(report: ApprovalReport): Promise<{ status: ApprovalStatus; rule: string | null }> {
    const undecided =
      this.pending < limits.taskPendingApprovals
        ? { status: report.status, rule: null }
        : { status: 'DENIED' as const, rule: PENDING_LIMIT };
    const { tenantId, instanceId } = this.#capability;
    // iAgent has no rules.
    if (!instanceId || report.expiresInMs === 0) return undecided;
    this.#rules ??= await readEffectiveRules(this.#client, tenantId, instanceId);
    const { action, by } = decideByRules(this.#rules, report, this.#work);
    if (by === null || action === 'ask') return undecided;
    if (action === 'deny') return { status: 'DENIED', rule: by };
    return report.allowedDecisions.includes('allow-once') ? { status: 'ALLOWED', rule: by } : undecided;
  }
}

/** Returns the new status of a task for reports without approvals; undefined when it does not change. */
const statusForReports = (reports: DurableReport[]) =>
  reports.some(({ type }) => type === 'task') ? 'RUNNING' : undefined;

/** Reads the reported approvals, and counts those of the task. */
async function readApprovals(
  client: PoolClient,
  { tenantId, taskId }: Capability,
  ids: string[],
): Promise<TaskApprovals> {
  const table = `${quoteTenantSchema(tenantId)}."Approval"`;
  const { rows: reported } = await client.query<ApprovalRow>(
    `SELECT "id", "status", "request", "expiresAt" FROM ${table} WHERE "taskId" = $1 AND "id" = ANY($2)`,
    [taskId, ids],
  );
  const { rows: counts } = await client.query<{ count: number; pending: number }>(
    `SELECT count(*)::int AS "count", (count(*) FILTER (WHERE "status" = 'PENDING'))::int AS "pending"
     FROM ${table} WHERE "taskId" = $1`,
    [taskId],
  );
  return { reported: new Map(reported.map((row) => [row.id, row])), ...counts[0]! };
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
