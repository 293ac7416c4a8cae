import type { DurableReport } from '@it0/contracts/bridge';
import type { DurableEvent, TaskStatus } from '@it0/contracts/chat-event';
import { isTerminal } from '@it0/contracts/event-kinds';
import { toParts } from '@it0/contracts/reply';
import { quoteTenantSchema, toLiterals } from '@it0/db/sql';
import { transaction } from '@it0/db/transaction';
import type { PoolClient } from 'pg';
import type { AgentServices } from '../agent-services.ts';
import { notifyPending } from '../approval/notify.ts';
import { recordApprovals } from '../approval/record-approvals.ts';
import { indexMessage } from '../search/search-index.ts';
import { changeTask, type TaskChange } from '../task/event-log.ts';
import { type NewEvent, OPEN_STATUSES } from '../task/task.ts';
import type { Capability } from './callback-token.ts';
import { readReply, writeEnd } from './end-task.ts';

/**
 * The result of recording reports. `events` are the new ones, by the `n` of the report; `ack` is the last `n` in the
 * log. `late`: the task had timed out. `gap`: reports before these are missing. `over`: the task takes no more reports.
 */
export type RecordResult =
  | { outcome: 'recorded' | 'late'; ack: number; events: Map<number, DurableEvent> }
  | { outcome: 'ended'; status: TaskStatus; ack: number; events: Map<number, DurableEvent> }
  | { outcome: 'gap'; expected: number }
  | { outcome: 'over' };

/** Appends the numbered reports of a task, at least one, to the log, each of them exactly once. */
export async function recordReports(
  services: AgentServices,
  capability: Capability,
  reports: DurableReport[],
): Promise<RecordResult> {
  const written = await appendNext(services, capability, reports);
  if (written) return written;

  const { rows } = await services.db.pool.query<{ lastN: number; status: TaskStatus }>(
    `SELECT "lastN", "status" FROM ${quoteTenantSchema(capability.tenantId)}."AgentTask" WHERE "id" = $1`,
    [capability.taskId],
  );
  const task = rows[0];
  if (!task) return { outcome: 'over' };
  const newReports = reports.filter((report) => report.n > task.lastN);
  if (newReports.length === 0) return { outcome: 'recorded', ack: task.lastN, events: new Map() };
  if (isTerminal(task.status) && task.status !== 'TIMED_OUT') return { outcome: 'over' };
  if (newReports[0]!.n > task.lastN + 1) return { outcome: 'gap', expected: task.lastN + 1 };
  if (task.status === 'TIMED_OUT') return recordLate(services, capability, newReports);
  return recordReports(services, capability, newReports);
}

/** Returns null when the first report is not the next one of an open task. */
async function appendNext(
  services: AgentServices,
  capability: Capability,
  reports: DurableReport[],
): Promise<RecordResult | null> {
  const last = reports.at(-1)!;
  const plain = reports.filter((report) => report.type !== 'approval');
  if (!isEndReport(last) && plain.length === reports.length) {
    const events = await services.appendReports({ capability, reports: plain });
    return events && { outcome: 'recorded', ack: last.n, events: indexByNumber(plain, events) };
  }

  const { tenantId, taskId } = capability;
  const after = reports[0]!.n - 1;
  const written = await transaction(services.db.pool, async (client) => {
    if (!(await lockTask(client, capability, after))) return null;
    const { entries, status } = await recordApprovals(client, capability, reports);
    const change: TaskChange = {
      tenantId,
      taskId,
      status: isEndReport(last) ? toTaskStatus(last) : status,
      reason: last.type === 'error' ? last.reason : null,
      reports: { after, count: reports.length },
      events: entries.map(({ n: _, ...event }): NewEvent => event),
    };
    const changed = isEndReport(last) ? await writeEnd(client, change) : await changeTask(client, change);
    return changed && { unanswered: 0, ...changed, events: indexByNumber(entries, changed.events) };
  });
  if (!written) return null;
  const { events, unanswered } = written;
  if (unanswered) notifyPending(services, tenantId);
  const ack = last.n;
  return isEndReport(last)
    ? { outcome: 'ended', status: toTaskStatus(last), ack, events }
    : { outcome: 'recorded', ack, events };
}

const indexByNumber = (reports: { n: number }[], events: DurableEvent[]) =>
  new Map(reports.map((report, index) => [report.n, events[index]!]));

/**
 * Records work that a bridge finished in time but could not deliver before the task timed out. Of its reports only a
 * completed reply is stored, marked as late. No other change leaves a terminal status.
 */
async function recordLate(
  services: AgentServices,
  capability: Capability,
  reports: DurableReport[],
): Promise<RecordResult> {
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
    const parts = toParts((await readReply(client, capability)).reply);
    await client.query(
      `UPDATE ${quoteTenantSchema(tenantId)}."ConversationMessage" SET "parts" = $2, "late" = true WHERE "id" = $1`,
      [taskId, JSON.stringify(parts)],
    );
    await indexMessage(client, { tenantId, id: taskId, sessionId: changed.sessionId, at: new Date(), parts });
    return changed.events;
  });
  if (!events) return recordReports(services, capability, reports);
  return { outcome: 'late', ack: end.n, events: new Map(events.map((event) => [end.n, event])) };
}

async function lockTask(client: PoolClient, { tenantId, taskId }: Capability, lastN: number): Promise<boolean> {
  const { rowCount } = await client.query(
    `SELECT FROM ${quoteTenantSchema(tenantId)}."AgentTask"
     WHERE "id" = $1 AND "lastN" = $2 AND "status" IN (${toLiterals(OPEN_STATUSES)}) FOR UPDATE`,
    [taskId, lastN],
  );
  return rowCount === 1;
}

type EndReport = Extract<DurableReport, { type: 'completed' | 'error' }>;
/** Returns whether the report ends its task. */
export const isEndReport = (report: DurableReport): report is EndReport =>
  report.type === 'completed' || report.type === 'error';
const toTaskStatus = (end: EndReport) => (end.type === 'completed' ? 'COMPLETED' : end.status);
