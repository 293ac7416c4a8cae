import { toSessionChannel } from '@it0/bus/bus';
import { Callback, type CallbackAck, type Report } from '@it0/contracts/bridge';
import type { ChatEvent, DurableEvent } from '@it0/contracts/chat-event';
import { limits } from '@it0/contracts/limits';
import { explainMissingTables } from '../../auth/tenant/missing-tables.ts';
import { AppError } from '../../errors.ts';
import type { AgentServices } from '../agent-services.ts';
import { listDecisions, notifyApprovals } from '../approval/notify.ts';
import { type Capability, callbackTokenInvalid } from './callback-token.ts';
import type { TaskKey } from './dispatch-table.ts';
import { finalizeTask } from './end-task.ts';
import { isEndReport, type RecordResult, recordReports } from './record-reports.ts';

/**
 * Handles a callback of a bridge: writes the reports to the log in one statement or transaction, then publishes them.
 * Reports are acknowledged only once they are committed. The task of a removed tenant has ended. Throws
 * CALLBACK_TOKEN_INVALID, EVENT_GAP with `expected`, TASK_ENDED or INVALID_INPUT.
 */
export async function handleCallback(
  services: AgentServices,
  capability: Capability,
  body: unknown,
): Promise<CallbackAck> {
  try {
    return await processCallback(services, capability, body);
  } catch (error) {
    const cause = await explainMissingTables(services, capability.tenantId, error);
    if (cause?.reason === 'TENANT_NOT_FOUND') throw taskEnded(services, capability);
    throw cause ?? error;
  }
}

async function processCallback(services: AgentServices, capability: Capability, body: unknown): Promise<CallbackAck> {
  const callback = Callback.safeParse(body);
  if (!callback.success) throw new AppError('INVALID_INPUT', 'The callback is invalid.', { cause: callback.error });
  const { taskId, events } = callback.data;
  if (taskId !== capability.taskId) throw callbackTokenInvalid();
  const numbered = events.filter((report) => 'n' in report);
  if (numbered.some((report, index) => report.n !== numbered[0]!.n + index))
    throw new AppError('INVALID_INPUT', 'The numbers of the reports must be consecutive.');
  if (numbered.slice(0, -1).some(isEndReport))
    throw new AppError('INVALID_INPUT', 'No report may follow the end of a task.');
  const reports = limitApprovals(events);
  const durable = reports.filter((report) => 'n' in report);

  // Most callbacks carry only text, which is not written to the log.
  const recorded = durable.length === 0 ? NOTHING_RECORDED : await recordReports(services, capability, durable);
  if (recorded.outcome === 'gap') throw eventGap(recorded.expected);
  if (recorded.outcome === 'over') throw taskEnded(services, capability);

  const isConfirmed =
    recorded.outcome === 'recorded' && recorded.events.size > 0 && services.live.markAlive(capability);
  const isFollowed =
    isConfirmed ||
    (recorded.outcome === 'recorded' &&
      (services.live.isFollowed(capability) || (await services.live.follow(capability))));
  if (durable.length === 0 && !isFollowed) throw taskEnded(services, capability);
  services.live.touch(capability, recorded.ack);
  if (recorded.events.size > 0) notifyApprovals(services, capability, recorded.events.values());
  const textFrom = isFollowed ? writeTexts(services, capability, reports) : undefined;
  const batch = mergeBatch(taskId, reports, recorded.events, isFollowed);
  if (batch.length > 0) services.bus.publish(toSessionChannel(capability.tenantId, capability.sessionId), batch);
  if (recorded.outcome === 'ended') finalizeTask(services, capability, recorded.status);
  const ack = services.live.find(capability)?.lastN ?? recorded.ack;
  return { ack, textFrom, decisions: listDecisions(recorded.events.values()) };
}

/**
 * Drops the reports from the first approval beyond the limit on. They are not acknowledged, so the bridge sends them
 * again.
 */
function limitApprovals(reports: Report[]): Report[] {
  const approvals = reports.filter(({ type }) => type === 'approval');
  const next = approvals[limits.callbackApprovals];
  return next ? reports.slice(0, reports.indexOf(next)) : reports;
}

const NOTHING_RECORDED: RecordResult = { outcome: 'recorded', ack: 0, events: new Map() };

const eventGap = (expected: number) =>
  new AppError('EVENT_GAP', `A report is missing. The next one must have the number ${expected}.`, {
    params: { expected },
  });

/** Forgets the task's live reply, and creates the error that makes the bridge stop. */
function taskEnded({ live }: AgentServices, task: TaskKey): AppError {
  live.drop(task);
  return new AppError('TASK_ENDED', 'The task has ended and accepts no more reports.');
}

/** Returns the offset from which the bridge must resend the text, when text before a piece is missing here. */
function writeTexts({ live }: AgentServices, task: TaskKey, reports: Report[]): number | undefined {
  const pieces = reports.filter((report) => report.type === 'text');
  const complete = pieces.length === 0 || live.write(task, pieces);
  return complete ? undefined : live.find(task)?.text.length;
}

/**
 * Merges recorded and ephemeral events into one batch, in the order of the reports. Consecutive text becomes one piece,
 * so that readers have fewer events to process.
 */
function mergeBatch(taskId: string, reports: Report[], recorded: Map<number, DurableEvent>, isFollowed: boolean) {
  const batch: ChatEvent[] = [];
  for (const report of reports) {
    if ('n' in report) {
      const event = recorded.get(report.n);
      if (event) batch.push(event);
    } else if (report.type !== 'heartbeat' && isFollowed) {
      const last = batch.at(-1);
      const continuesLast =
        report.type === 'text' && last?.type === 'text' && last.offset + last.delta.length === report.offset;
      if (continuesLast) last.delta += report.delta;
      else batch.push({ ...report, taskId });
    }
  }
  return batch;
}
