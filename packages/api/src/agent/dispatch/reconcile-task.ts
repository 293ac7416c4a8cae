import { toSessionChannel } from '@it0/bus/bus';
import { toAttachmentPath } from '@it0/contracts/attachment-path';
import { CALLBACK_PATH } from '@it0/contracts/bridge';
import { isTerminal } from '@it0/contracts/event-kinds';
import { toSessionKey } from '@it0/contracts/ids';
import { computeBackoffMs } from '@it0/node/backoff';
import { explainMissingTables } from '../../auth/tenant/missing-tables.ts';
import type { AgentServices } from '../agent-services.ts';
import { buildAssistantContext } from '../assistant/assistant-context.ts';
import {
  type Bridge,
  cancelBridgeTask,
  fetchTaskState,
  sendDecision,
  submitTask,
  toBridge,
} from '../bridge/bridge-client.ts';
import { changeTask } from '../task/event-log.ts';
import { buildBranchHistory } from '../task/history.ts';
import { signCallbackToken } from './callback-token.ts';
import type { Claim } from './dispatch-table.ts';
import type { ReconcileTask } from './dispatcher.ts';
import { endTask } from './end-task.ts';
import { hasDeadline, loadTask, type Task } from './load-task.ts';

/**
 * Three heartbeats of a bridge, which sends one every ten seconds. After that, the server asks for the task's state.
 */
const MAX_SILENCE_MS = 30_000;
/** Retry delay while the tables of a tenant are missing. */
const MISSING_TABLES_RETRY_MS = 60_000;
/** Attempts to deliver a cancellation to an unreachable bridge, before the task ends without it. */
const MAX_CANCEL_ATTEMPTS = 4;
/** Retry delay of a decision. It is short because the approval expires. */
const DECISION_RETRY_MS = 1_500;

/**
 * Creates the function that does what a task needs now: submits it to its bridge, delivers decisions or a cancellation,
 * asks a silent bridge whether it still has the task, or ends the task at its deadline. `serverUrl` is the address of
 * this server for local bridges.
 */
export const reconcileTask =
  (services: AgentServices, serverUrl: string): ReconcileTask =>
  async (claim) => {
    try {
      return await reconcile(services, serverUrl, claim);
    } catch (error) {
      if (await explainMissingTables(services, claim.tenantId, error)) return MISSING_TABLES_RETRY_MS;
      throw error;
    }
  };

async function reconcile(services: AgentServices, serverUrl: string, claim: Claim): Promise<number | null> {
  const task = await loadTask(services.db, claim);
  if (!task || isTerminal(task.status)) return null;
  if (!hasDeadline(task)) return backoff(claim.attempt);
  if (task.remainingMs <= 0) return endTimedOut(services, task);
  const bridge = toBridge(services, task);
  if (!bridge && task.isStopped && task.cancelRequestedAt) return endCancelled(services, task);
  const isHeld = task.isStopped && task.status === 'QUEUED' && !task.cancelRequestedAt;
  const delayMs =
    !bridge || isHeld
      ? backoff(claim.attempt)
      : await advance(services, { task, bridge, number: claim.attempt, serverUrl: task.serverUrl ?? serverUrl });
  // The next check is at the deadline at the latest.
  return delayMs && Math.max(0, Math.min(delayMs, task.remainingMs));
}

/** The nth attempt to bring a task forward since it last became due. `serverUrl` is the address for its bridge. */
type Attempt = { task: Task; bridge: Bridge; number: number; serverUrl: string };

/** Does what the task needs from its bridge. Returns the delay until the next check in ms, or null when it has ended. */
async function advance(services: AgentServices, attempt: Attempt): Promise<number | null> {
  const { task, number } = attempt;
  if (task.cancelRequestedAt) return deliverCancel(services, attempt);
  if (task.status === 'QUEUED') return dispatch(services, attempt);
  if (!(await deliverDecisions(services, attempt))) return Math.min(DECISION_RETRY_MS, backoff(number));
  return checkBridge(services, attempt);
}

async function submit(services: AgentServices, { task, bridge, serverUrl }: Attempt) {
  const { tenantId, sessionId, instanceId, id: taskId, deadline } = task;
  const capability = { tenantId, instanceId, sessionId, taskId };
  return submitTask(services, bridge, {
    taskId,
    sessionKey: toSessionKey(sessionId, task.branch),
    message: task.message,
    // iAgent has no workspace and therefore no commands.
    ...(instanceId !== null && { userId: task.ownerId }),
    ...(task.sharedFolderWritable && { sharedFolder: 'read-write' as const }),
    attachments: task.attachments.map((file) => ({ ...file, url: new URL(toAttachmentPath(file.id), serverUrl).href })),
    ...(instanceId === null
      ? await buildAssistantContext(services, task, serverUrl)
      : { history: await buildBranchHistory(services.db, task) }),
    callbackUrl: new URL(CALLBACK_PATH, serverUrl).href,
    callbackToken: await signCallbackToken(services.keys, capability, deadline),
    timeoutMs: task.remainingMs,
  });
}

async function dispatch(services: AgentServices, attempt: Attempt) {
  const { task, number } = attempt;
  const { tenantId, sessionId, id: taskId } = task;
  const result = await submit(services, attempt);
  if (result.outcome === 'unavailable') return result.retryAfterMs ?? backoff(number);
  if (result.outcome !== 'ok') {
    const detail = result.outcome === 'rejected' ? result.detail : 'The bridge does not accept tasks.';
    await endTask(services, task, { status: 'FAILED', reason: 'BRIDGE_REJECTED', detail });
    return null;
  }
  const changed = await changeTask(services.db.pool, {
    tenantId,
    taskId,
    from: ['QUEUED'],
    status: 'DISPATCHED',
    events: [{ type: 'task', status: 'DISPATCHED' }],
  });
  if (changed) services.bus.publish(toSessionChannel(tenantId, sessionId), changed.events);
  services.metrics.dispatched((Date.now() - task.createdAt.getTime()) / 1_000);
  services.log.info({ tenantId, sessionId, taskId, attempt: number }, 'a bridge accepted a task');
  return MAX_SILENCE_MS;
}

/**
 * Delivers the decisions that the bridge does not have yet. Returns false when it could not be reached for all of them.
 */
async function deliverDecisions(services: AgentServices, { task, bridge }: Attempt): Promise<boolean> {
  const delivered: string[] = [];
  for (const { id, decision } of task.undelivered) {
    const result = await sendDecision(services, bridge, id, { decision });
    // A bridge that gets a decision too late reports what became of the approval.
    if (result.outcome !== 'unavailable') delivered.push(id);
  }
  if (delivered.length > 0) {
    const where = { id: { in: delivered } };
    await services.db.tenant(task.tenantId).approval.updateMany({ where, data: { deliveredAt: new Date() } });
  }
  return delivered.length === task.undelivered.length;
}

async function deliverCancel(services: AgentServices, attempt: Attempt) {
  const { task, bridge, number } = attempt;
  const result = await cancelBridgeTask(services, bridge, task.id);
  if (result.outcome === 'ok') return number > 1 ? checkBridge(services, attempt) : MAX_SILENCE_MS;
  if (result.outcome === 'unavailable' && number < MAX_CANCEL_ATTEMPTS) return result.retryAfterMs ?? backoff(number);
  return endCancelled(services, task);
}

async function endCancelled(services: AgentServices, task: Task) {
  await endTask(services, task, { status: 'CANCELLED', reason: 'CANCELLED_BY_USER' });
  return null;
}

/**
 * Asks a silent bridge for the state of a task. When its callbacks fail, since their server is gone, the task is
 * submitted again with a callback URL of this server.
 */
async function checkBridge(services: AgentServices, attempt: Attempt) {
  const { task, bridge, number } = attempt;
  const lastSeenAt = services.live.find({ tenantId: task.tenantId, taskId: task.id })?.lastSeenAt ?? -Infinity;
  if (performance.now() - lastSeenAt < MAX_SILENCE_MS) return MAX_SILENCE_MS;
  const result = await fetchTaskState(services, bridge, task.id);
  if (result.outcome === 'unavailable') return backoff(number);
  // An end that was acknowledged, but is missing from the database, will not be reported again.
  if (result.outcome === 'ok' && !(result.body.state === 'ended' && result.body.ackedN === result.body.lastN)) {
    if (result.body.callbackFailing) await submit(services, attempt);
    return MAX_SILENCE_MS;
  }
  const detail = 'The bridge no longer has this task.';
  await endTask(services, task, { status: 'FAILED', reason: 'BRIDGE_LOST', detail });
  return null;
}

async function endTimedOut(services: AgentServices, task: Task) {
  const reason = task.status === 'QUEUED' ? 'BRIDGE_UNREACHABLE' : 'DEADLINE_EXCEEDED';
  await endTask(services, task, { status: 'TIMED_OUT', reason });
  const bridge = toBridge(services, task);
  if (bridge) await cancelBridgeTask(services, bridge, task.id);
  return null;
}

const backoff = (attempt: number) => computeBackoffMs(attempt, { firstMs: 500, maxMs: 30_000 });
