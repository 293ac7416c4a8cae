import { actionFor } from '@it0/contracts/approval-rule';
import type { DurableReport } from '@it0/contracts/bridge';
import type { ApprovalStatus, TaskStatus } from '@it0/contracts/chat-event';
import type { PoolClient } from 'pg';
import { AppError } from '../../errors.ts';
import type { Capability } from '../task/callback-token.ts';
import { setDue } from '../task/dispatcher.ts';
import { tenantTables } from '../task/event-log.ts';
import { readRules } from './rule.ts';
import { isSameQuestion, type Question } from './same-question.ts';

type ApprovalReport = Extract<DurableReport, { type: 'approval' }>;
/** A report as the log takes it: with the rule that decided, if one did. */
type Told = DurableReport | (ApprovalReport & { decidedByRule: string });
type Known = { id: string; status: ApprovalStatus; request: Question };

/**
 * Keeps the approvals that a bridge reports. A new question goes by the instance's rules: what they allow or deny is
 * decided here, and brought to the bridge like a person's decision. What was decided comes back from the bridge: that is
 * no news. The caller holds the task's row, and wakes the dispatcher after the commit when something was decided.
 * Answers the reports that are news and the task's status after them.
 */
export async function recordApprovals(
  client: PoolClient,
  capability: Capability,
  reports: DurableReport[],
): Promise<{ news: Told[]; status: TaskStatus | undefined }> {
  const { tenantId, taskId, instanceId } = capability;
  const schema = tenantTables(tenantId);
  const { rows } = await client.query<Known>(
    `SELECT "id", "status", "request" FROM ${schema}."Approval" WHERE "taskId" = $1`,
    [taskId],
  );
  const known = new Map(rows.map((row) => [row.id, row]));

  async function ruled(report: ApprovalReport) {
    // iAgent has no rules: what it asks, a person decides.
    const mayBeDecided = instanceId && report.status === 'PENDING' && Date.parse(report.expiresAt) > Date.now();
    if (!mayBeDecided) return report;
    const { action, by } = actionFor(await readRules(client, tenantId, instanceId), report);
    if (by === null || action === 'ask') return report;
    if (action === 'deny') return { ...report, status: 'DENIED' as const, decidedByRule: by };
    if (!report.allowedDecisions.includes('allow-once')) return report;
    return { ...report, status: 'ALLOWED' as const, decidedByRule: by };
  }

  async function insert(report: ApprovalReport): Promise<Told> {
    const told = await ruled(report);
    const { n: _, ...request } = report;
    const byRule = 'decidedByRule' in told ? told.decidedByRule : null;
    const { rowCount } = await client.query(
      `INSERT INTO ${schema}."Approval" ("id", "taskId", "request", "status", "expiresAt", "decidedByRule", "decidedAt")
       VALUES ($1, $2, $3, $4::${schema}."ApprovalStatus", $5, $6, CASE WHEN $6::text IS NOT NULL THEN now() END)
       ON CONFLICT ("id") DO NOTHING`,
      [report.approvalId, taskId, JSON.stringify(request), told.status, report.expiresAt, byRule],
    );
    if (rowCount !== 1) throw new AppError('INVALID_INPUT', 'This approval belongs to another task.');
    if (byRule !== null) await setDue(client, taskId);
    known.set(report.approvalId, { id: report.approvalId, status: told.status, request });
    return told;
  }

  async function takeUp(report: ApprovalReport): Promise<Told | undefined> {
    const before = known.get(report.approvalId);
    if (!before && report.status !== 'PENDING')
      throw new AppError('INVALID_INPUT', 'The first report of an approval is that it waits.');
    if (!before) return insert(report);
    if (!isSameQuestion(before.request, report))
      throw new AppError('INVALID_INPUT', 'This approval was asked for something else.');
    if (before.status === report.status || report.status === 'PENDING') return;
    // What a person or a rule decided stands here already: a bridge that says so has it from nobody else.
    if (report.status === 'ALLOWED') throw new AppError('INVALID_INPUT', 'Nobody has allowed this.');
    before.status = report.status;
    await client.query(`UPDATE ${schema}."Approval" SET "status" = $2::${schema}."ApprovalStatus" WHERE "id" = $1`, [
      report.approvalId,
      report.status,
    ]);
    return report;
  }

  const news: Told[] = [];
  for (const report of reports) {
    const told = report.type === 'approval' ? await takeUp(report) : report;
    if (told) news.push(told);
  }
  if (reports.some((report) => report.type === 'approval'))
    return { news, status: statusWith([...known.values()].map(({ status }) => status)) };
  return { news, status: reports.some((report) => report.type === 'task') ? 'RUNNING' : undefined };
}

/** A task waits as long as one of its approvals does. */
export const statusWith = (approvals: Iterable<ApprovalStatus>): TaskStatus =>
  [...approvals].includes('PENDING') ? 'WAITING_APPROVAL' : 'RUNNING';
