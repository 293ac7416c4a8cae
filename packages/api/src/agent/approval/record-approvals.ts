import type { DurableReport } from '@it0/contracts/bridge';
import type { ApprovalStatus, TaskStatus } from '@it0/contracts/chat-event';
import type { PoolClient } from 'pg';
import { AppError } from '../../errors.ts';
import type { Capability } from '../task/callback-token.ts';
import { tenantTables } from '../task/event-log.ts';

type ApprovalReport = Extract<DurableReport, { type: 'approval' }>;

/**
 * Keeps the approvals that a bridge reports. What a person decided here comes back from the bridge: that is no news. The
 * caller holds the task's row. Answers the reports that are news and the task's status after them.
 */
export async function recordApprovals(
  client: PoolClient,
  { tenantId, taskId }: Capability,
  reports: DurableReport[],
): Promise<{ news: DurableReport[]; status: TaskStatus | undefined }> {
  const schema = tenantTables(tenantId);
  const { rows } = await client.query<{ id: string; status: ApprovalStatus }>(
    `SELECT "id", "status" FROM ${schema}."Approval" WHERE "taskId" = $1`,
    [taskId],
  );
  const statuses = new Map(rows.map((row) => [row.id, row.status]));

  async function isNews(report: ApprovalReport): Promise<boolean> {
    const known = statuses.get(report.approvalId);
    if (known === report.status || (known && report.status === 'PENDING')) return false;
    statuses.set(report.approvalId, report.status);
    const { n: _, ...request } = report;
    const { rowCount } = known
      ? await client.query(
          `UPDATE ${schema}."Approval" SET "status" = $2::${schema}."ApprovalStatus" WHERE "id" = $1`,
          [report.approvalId, report.status],
        )
      : await client.query(
          `INSERT INTO ${schema}."Approval" ("id", "taskId", "request", "status", "expiresAt")
           VALUES ($1, $2, $3, $4::${schema}."ApprovalStatus", $5) ON CONFLICT ("id") DO NOTHING`,
          [report.approvalId, taskId, JSON.stringify(request), report.status, report.expiresAt],
        );
    if (rowCount !== 1) throw new AppError('INVALID_INPUT', 'This approval belongs to another task.');
    return true;
  }

  const news: DurableReport[] = [];
  for (const report of reports) if (report.type !== 'approval' || (await isNews(report))) news.push(report);
  if (reports.some((report) => report.type === 'approval')) return { news, status: statusWith(statuses.values()) };
  return { news, status: reports.some((report) => report.type === 'task') ? 'RUNNING' : undefined };
}

/** A task waits as long as one of its approvals does. */
export const statusWith = (approvals: Iterable<ApprovalStatus>): TaskStatus =>
  [...approvals].includes('PENDING') ? 'WAITING_APPROVAL' : 'RUNNING';
