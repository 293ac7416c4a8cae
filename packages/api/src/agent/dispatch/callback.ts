import { sessionChannel } from '@it0/bus/bus';
import { Callback, type CallbackAck, type DurableReport, type Report } from '@it0/contracts/bridge';
import type { ChatEvent, DurableEvent } from '@it0/contracts/chat-event';
import { limits } from '@it0/contracts/limits';
import { z } from 'zod';
import { explainMissingTables } from '../../auth/tenant/missing-tables.ts';
import type { Services } from '../../context.ts';
import { AppError } from '../../errors.ts';
import { listDecisions, notifyApprovals } from '../approval/notify.ts';
import type { Capability } from './callback-token.ts';
import type { TaskKey } from './dispatcher.ts';
import { afterEnd } from './end-task.ts';
import { isEnd, type Recorded, recordReports } from './record-reports.ts';

/** What the callback route answers: contracts/bridge says what each status means. */
export type CallbackAnswer =
  | { status: 200; body: CallbackAck }
  | { status: 401; body: { reason: 'CALLBACK_TOKEN_INVALID' } }
  | { status: 409; body: { reason: 'EVENT_GAP'; expected: number } }
  | { status: 410; body: { reason: 'TASK_ENDED' } }
  | { status: 422; body: { reason: 'INVALID_INPUT'; issues: unknown } };

const invalid = (issues: unknown): CallbackAnswer => ({ status: 422, body: { reason: 'INVALID_INPUT', issues } });

/**
 * Takes what a bridge reports: one statement or one transaction, then the bus. Nothing is acknowledged before it stands
 * in the log. With its tenant, a task is over.
 */
export async function takeCallback(services: Services, capability: Capability, body: unknown): Promise<CallbackAnswer> {
  try {
    return await take(services, capability, body);
  } catch (error) {
    const why = await explainMissingTables(services, capability.tenantId, error);
    if (why?.reason === 'TENANT_NOT_FOUND') return over(services, capability);
    throw why ?? error;
  }
}

async function take(services: Services, capability: Capability, body: unknown): Promise<CallbackAnswer> {
  const callback = Callback.safeParse(body);
  if (!callback.success) return invalid(z.flattenError(callback.error));
  const { taskId, events } = callback.data;
  if (taskId !== capability.taskId) return { status: 401, body: { reason: 'CALLBACK_TOKEN_INVALID' } };
  const sent = events.filter((report) => 'n' in report);
  if (sent.some((report, index) => report.n !== sent[0]!.n + index)) return invalid('n must count without a gap');
  if (sent.slice(0, -1).some(isEnd)) return invalid('nothing follows the end of a task');
  const reports = limitApprovals(events);
  const durable = reports.filter((report) => 'n' in report);

  // Text alone waits for nothing here: it is most of what comes.
  const recorded = durable.length === 0 ? nothing : await record(services, capability, durable);
  if (recorded.outcome === 'refused') return invalid(recorded.error.message);
  if (recorded.outcome === 'gap') return { status: 409, body: { reason: 'EVENT_GAP', expected: recorded.expected } };
  if (recorded.outcome === 'over') return over(services, capability);

  const isConfirmed = recorded.outcome === 'taken' && recorded.events.size > 0 && services.live.confirm(capability);
  const following =
    isConfirmed ||
    (recorded.outcome === 'taken' &&
      (services.live.isFollowed(capability) || (await services.live.follow(capability))));
  if (durable.length === 0 && !following) return over(services, capability);
  services.live.heard(capability, recorded.ack);
  if (recorded.events.size > 0) notifyApprovals(services, capability, recorded.events.values());
  const textFrom = following ? writeTexts(services, capability, reports) : undefined;
  const batch = inOrder(taskId, reports, recorded.events, following);
  if (batch.length > 0) services.bus.publish(sessionChannel(capability.tenantId, capability.sessionId), batch);
  if (recorded.outcome === 'ended') afterEnd(services, capability, recorded.status);
  const ack = services.live.find(capability)?.lastN ?? recorded.ack;
  return { status: 200, body: { ack, textFrom, decisions: listDecisions(recorded.events.values()) } };
}

/** Leaves out what follows the last approval that is taken. It is not acknowledged, so that the bridge sends it again. */
function limitApprovals(reports: Report[]): Report[] {
  const approvals = reports.filter(({ type }) => type === 'approval');
  const next = approvals[limits.callbackApprovals];
  return next ? reports.slice(0, reports.indexOf(next)) : reports;
}

const nothing: Recorded = { outcome: 'taken', ack: 0, events: new Map() };

const record = (services: Services, capability: Capability, durable: DurableReport[]) =>
  recordReports(services, capability, durable).catch((error: unknown) => {
    if (error instanceof AppError && error.reason === 'INVALID_INPUT') return { outcome: 'refused', error } as const;
    throw error;
  });

function over({ live }: Services, task: TaskKey): CallbackAnswer {
  live.forget(task);
  return { status: 410, body: { reason: 'TASK_ENDED' } };
}

/** The offset to send again from, when a piece came whose beginning this server never had. */
function writeTexts({ live }: Services, task: TaskKey, reports: Report[]): number | undefined {
  const pieces = reports.filter((report) => report.type === 'text');
  const complete = pieces.length === 0 || live.write(task, pieces);
  return complete ? undefined : live.find(task)?.text.length;
}

/**
 * The batch as the bridge told it: what was recorded in its place, what is ephemeral between. Text that follows on text
 * is one piece: every reader has less to take.
 */
function inOrder(taskId: string, reports: Report[], recorded: Map<number, DurableEvent>, following: boolean) {
  const batch: ChatEvent[] = [];
  for (const report of reports) {
    if ('n' in report) {
      const event = recorded.get(report.n);
      if (event) batch.push(event);
    } else if (report.type !== 'heartbeat' && following) {
      const last = batch.at(-1);
      const followsOn =
        report.type === 'text' && last?.type === 'text' && last.offset + last.delta.length === report.offset;
      if (followsOn) last.delta += report.delta;
      else batch.push({ ...report, taskId });
    }
  }
  return batch;
}
