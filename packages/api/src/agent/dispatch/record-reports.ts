import type { DurableReport } from '@it0/contracts/bridge';
import { type DurableEvent, isTerminal, type TaskStatus } from '@it0/contracts/chat-event';
import { toParts } from '@it0/contracts/reply';
import type { PoolClient } from 'pg';
import type { Services } from '../../context.ts';
import { notifyPending } from '../approval/notify.ts';
import { recordApprovals } from '../approval/record-approvals.ts';
import { type Change, changeTask, tenantTables, transaction } from '../task/event-log.ts';
import { type NewEvent, openStatuses } from '../task/task.ts';
import type { Capability } from './callback-token.ts';
import { readReply, writeEnd } from './end-task.ts';

/** `events` are the new ones, by the report's `n`; `ack` is the last `n` that the log has. */
export type Recorded =
  | { outcome: 'taken' | 'late'; ack: number; events: Map<number, DurableEvent> }
  | { outcome: 'ended'; status: TaskStatus; ack: number; events: Map<number, DurableEvent> }
  | { outcome: 'gap'; expected: number }
  | { outcome: 'over' };

/** Appends a task's numbered reports, of which there is at least one, to the log, each once, whatever is repeated or comes too early. */
export async function recordReports(
  services: Services,
  capability: Capability,
  reports: DurableReport[],
): Promise<Recorded> {
  const written = await write(services, capability, reports);
  if (written) return written;

  const { rows } = await services.db.pool.query<{ lastN: number; status: TaskStatus }>(
    `SELECT "lastN", "status" FROM ${tenantTables(capability.tenantId)}."AgentTask" WHERE "id" = $1`,
    [capability.taskId],
  );
  const task = rows[0];
  if (!task) return { outcome: 'over' };
  const fresh = reports.filter((report) => report.n > task.lastN);
  if (fresh.length === 0) return { outcome: 'taken', ack: task.lastN, events: new Map() };
  if (isTerminal(task.status) && task.status !== 'TIMED_OUT') return { outcome: 'over' };
  if (fresh[0]!.n > task.lastN + 1) return { outcome: 'gap', expected: task.lastN + 1 };
  if (task.status === 'TIMED_OUT') return recordLate(services, capability, fresh);
  return recordReports(services, capability, fresh);
}

/** Null when the log does not stand just before these reports. */
async function write(services: Services, capability: Capability, reports: DurableReport[]): Promise<Recorded | null> {
  const last = reports.at(-1)!;
  const plain = reports.filter((report) => report.type !== 'approval');
  if (!isEnd(last) && plain.length === reports.length) {
    const events = await services.appendReports({ capability, reports: plain });
    return events && { outcome: 'taken', ack: last.n, events: byNumber(plain, events) };
  }

  const { tenantId, taskId } = capability;
  const after = reports[0]!.n - 1;
  const written = await transaction(services.db.pool, async (client) => {
    if (!(await lockTask(client, capability, after))) return null;
    const { news, status } = await recordApprovals(client, capability, reports);
    const change: Change = {
      tenantId,
      taskId,
      status: isEnd(last) ? endStatus(last) : status,
      reason: last.type === 'error' ? last.reason : null,
      reports: { after, count: reports.length },
      events: news.map(({ n: _, ...event }): NewEvent => event),
    };
    const changed = isEnd(last) ? await writeEnd(client, change) : await changeTask(client, change);
    return changed && { unanswered: 0, ...changed, events: byNumber(news, changed.events) };
  });
  if (!written) return null;
  const { events, unanswered } = written;
  if (unanswered) notifyPending(services, tenantId);
  const ack = last.n;
  return isEnd(last) ? { outcome: 'ended', status: endStatus(last), ack, events } : { outcome: 'taken', ack, events };
}

const byNumber = (reports: { n: number }[], events: DurableEvent[]) =>
  new Map(reports.map((report, index) => [report.n, events[index]!]));

/**
 * The one exit from a terminal state: what a bridge had done in time and could not deliver. Its steps are history; its
 * reply is kept, and marked late.
 */
async function recordLate(services: Services, capability: Capability, reports: DurableReport[]): Promise<Recorded> {
  const end = reports.at(-1)!;
  if (end.type === 'error') return { outcome: 'over' };
  const { tenantId, taskId } = capability;
  const events = await transaction(services.db.pool, async (client) => {
    const changed = await changeTask(client, {
      tenantId,
      taskId,
      from: ['TIMED_OUT'],
      reports: { after: reports[0]!.n - 1, count: reports.length },
      events: end.type === 'completed' ? [{ type: 'completed', text: end.text, late: true }] : [],
    });
    if (!changed || end.type !== 'completed') return changed?.events;
    await client.query(
      `UPDATE ${tenantTables(tenantId)}."ConversationMessage" SET "parts" = $2, "late" = true WHERE "id" = $1`,
      [taskId, JSON.stringify(toParts(await readReply(client, capability)))],
    );
    return changed.events;
  });
  if (!events) return recordReports(services, capability, reports);
  return { outcome: 'late', ack: end.n, events: new Map(events.map((event) => [end.n, event])) };
}

async function lockTask(client: PoolClient, { tenantId, taskId }: Capability, lastN: number): Promise<boolean> {
  const { rowCount } = await client.query(
    `SELECT FROM ${tenantTables(tenantId)}."AgentTask"
     WHERE "id" = $1 AND "lastN" = $2 AND "status"::text = ANY($3) FOR UPDATE`,
    [taskId, lastN, openStatuses],
  );
  return rowCount === 1;
}

type End = Extract<DurableReport, { type: 'completed' | 'error' }>;
export const isEnd = (report: DurableReport): report is End => report.type === 'completed' || report.type === 'error';
const endStatus = (end: End) => (end.type === 'completed' ? 'COMPLETED' : end.status);
