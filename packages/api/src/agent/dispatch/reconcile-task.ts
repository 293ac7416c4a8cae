import { sessionChannel } from '@it0/bus/bus';
import { toAttachmentPath } from '@it0/contracts/attachment';
import { CALLBACK_PATH, type TaskAttachment } from '@it0/contracts/bridge';
import { type ApprovalDecision, isTerminal, type TaskStatus } from '@it0/contracts/chat-event';
import { sessionKey } from '@it0/contracts/ids';
import { explainMissingTables } from '../../auth/tenant/missing-tables.ts';
import type { Services } from '../../context.ts';
import { isStillAllowedSql } from '../approval/effective-decision.ts';
import { formatAssistantContext } from '../assistant/assistant-context.ts';
import { type Bridge, cancel, decide, submitTask, taskState } from '../bridge/bridge-client.ts';
import { changeTask, tenantTables } from '../task/event-log.ts';
import { signCallbackToken } from './callback-token.ts';
import type { Claim, ReconcileTask } from './dispatcher.ts';
import { endTask } from './end-task.ts';

/** A bridge sends a heartbeat every ten seconds: three missed, and it is asked. */
const SILENCE_MS = 30_000;
/** How soon it is looked again for tables that were not there. */
const MISSING_MS = 60_000;
/** How often a bridge that is away is told of a cancel before the task ends without it. */
const CANCEL_ATTEMPTS = 4;
/** How long a message waits for an iAgent that was switched off before it was asked. */
const ABANDONED_MINUTES = 5;

/** A decision is worth something only until the question has expired: a bridge that is back gets it at once. */
const DECISION_AGAIN_MS = 1_500;

type Row = {
  id: string;
  status: TaskStatus;
  text: string;
  message: string;
  createdAt: Date;
  /** None while it waits for an instance that was stopped: that is nobody's time. */
  deadline: Date | null;
  /** Until the deadline, by the database's clock, which is everybody's. */
  remainingMs: number | null;
  cancelRequestedAt: Date | null;
  ownerId: string;
  /** Null for iAgent. */
  instanceId: string | null;
  bridgeUrl: string | null;
  /** Null when no iAgent runs any more. */
  bridgeSecret: Uint8Array | null;
  isStopped: boolean;
  isRemote: boolean;
  sharedFolderWritable: boolean;
  /** How a remote bridge reaches this server; null for one beside it. */
  serverUrl: string | null;
  attachments: Omit<TaskAttachment, 'url'>[];
  undelivered: { id: string; decision: ApprovalDecision }[];
};
type Loaded = Row & { tenantId: string; sessionId: string };
export type Task = Loaded & { deadline: Date; remainingMs: number };
const hasTime = (task: Loaded): task is Task => task.remainingMs !== null;

const LOAD = (schema: string) => `
  UPDATE ${schema}."AgentTask" t
  SET "deadline" = COALESCE(t."deadline", CASE WHEN i."desiredState" = 'RUNNING' OR s."agentInstanceId" IS NULL
    THEN now() + COALESCE(i."taskMinutes", a."taskMinutes", ${ABANDONED_MINUTES}) * interval '1 minute' END)
  FROM ${schema}."AgentSession" s LEFT JOIN ${schema}."AgentInstance" i ON i."id" = s."agentInstanceId"
    LEFT JOIN public."Assistant" a ON s."agentInstanceId" IS NULL
  WHERE t."id" = $1 AND s."id" = t."sessionId"
  RETURNING t."id", t."status", t."text", t."message", t."createdAt", t."deadline",
    (extract(epoch FROM t."deadline" - now()) * 1000)::int8::float8 AS "remainingMs",
    t."cancelRequestedAt", t."ownerId", i."id" AS "instanceId", COALESCE(i."desiredState" <> 'RUNNING', false) AS "isStopped",
    COALESCE(i."driver" = 'remote', false) AS "isRemote",
    COALESCE(i."sharedFolderWritable", false) AS "sharedFolderWritable", i."serverUrl",
    COALESCE(i."bridgeUrl", a."bridgeUrl") AS "bridgeUrl", COALESCE(i."bridgeSecret", a."bridgeSecret") AS "bridgeSecret",
    (SELECT coalesce(json_agg(
      json_build_object('id', f."id", 'name', f."name", 'mediaType', f."mediaType", 'size', f."size", 'sha256', f."sha256")
      ORDER BY ${placeInMessage(schema)}), '[]') FROM ${schema}."Attachment" f WHERE f."taskId" = t."id") AS "attachments",
    (SELECT coalesce(json_agg(json_build_object('id', a."id",
      'decision', CASE WHEN ${isStillAllowedSql(schema, '$2')} THEN 'allow-once' ELSE 'deny' END)), '[]')
     FROM ${schema}."Approval" a
     WHERE a."taskId" = t."id" AND a."decidedAt" IS NOT NULL AND a."deliveredAt" IS NULL) AS "undelivered"`;

/** Where the message has the attachment `f`. */
const placeInMessage = (schema: string) => `(
  SELECT part."ordinality" FROM ${schema}."ConversationMessage" m, jsonb_array_elements(m."parts") WITH ORDINALITY part
  WHERE m."sessionId" = f."sessionId" AND m."taskId" = f."taskId" AND m."role" = 'USER' AND part."value"->>'id' = f."id"::text)`;

/**
 * What one task needs now: to be handed to its bridge, a decision or a cancel brought there, a question whether the
 * bridge still has it, or an end because its time is over. `serverUrl` is where the bridges beside
 * this server reach it.
 */
export const reconcileTask =
  (services: Services, serverUrl: string): ReconcileTask =>
  async (claim) => {
    try {
      return await look(services, serverUrl, claim);
    } catch (error) {
      if (await explainMissingTables(services, claim.tenantId, error)) return MISSING_MS;
      throw error;
    }
  };

async function look(services: Services, serverUrl: string, claim: Claim): Promise<number | null> {
  const task = await load(services, claim);
  if (!task || isTerminal(task.status)) return null;
  if (!hasTime(task)) return backoff(claim.attempt);
  if (task.remainingMs <= 0) return timeOut(services, task);
  const bridge = bridgeOf(services, task);
  if (!bridge && task.isStopped && task.cancelRequestedAt) return endCancelled(services, task);
  const next = await doNext(services, task, bridge, claim.attempt, task.serverUrl ?? serverUrl);
  // Never later than the deadline.
  return next && Math.max(0, Math.min(next, task.remainingMs));
}

async function doNext(
  services: Services,
  task: Task,
  bridge: Bridge | null,
  attempt: number,
  serverUrl: string,
): Promise<number | null> {
  const isHeld = task.isStopped && task.status === 'QUEUED' && !task.cancelRequestedAt;
  if (!bridge || isHeld) return backoff(attempt);
  if (task.cancelRequestedAt) return deliverCancel(services, task, bridge, attempt, serverUrl);
  if (task.status === 'QUEUED') return dispatch(services, task, bridge, attempt, serverUrl);
  const isBrought = await deliverDecisions(services, task, bridge);
  if (!isBrought) return Math.min(DECISION_AGAIN_MS, backoff(attempt));
  return reconcile(services, task, bridge, attempt, serverUrl);
}

function bridgeOf({ keys }: Services, task: Task): Bridge | null {
  const { tenantId, instanceId, isRemote, bridgeUrl: url, bridgeSecret } = task;
  return url && bridgeSecret ? { tenantId, instanceId, isRemote, url, secret: keys.open(bridgeSecret) } : null;
}

async function load({ db }: Services, { tenantId, sessionId, taskId }: Claim): Promise<Loaded | null> {
  const { rows } = await db.pool.query<Row>({
    name: `attend:${tenantId}`,
    text: LOAD(tenantTables(tenantId)),
    values: [taskId, tenantId],
  });
  return rows[0] ? { ...rows[0], tenantId, sessionId } : null;
}

async function handTo(services: Services, task: Task, bridge: Bridge, serverUrl: string) {
  const { tenantId, sessionId, instanceId, id: taskId, deadline } = task;
  const capability = { tenantId, instanceId, sessionId, taskId };
  return submitTask(services, bridge, {
    taskId,
    sessionKey: sessionKey(sessionId),
    message: task.message,
    // iAgent has no workspace and therefore no commands.
    ...(instanceId !== null && { userId: task.ownerId }),
    ...(task.sharedFolderWritable && { sharedFolder: 'read-write' as const }),
    attachments: task.attachments.map((file) => ({ ...file, url: new URL(toAttachmentPath(file.id), serverUrl).href })),
    history: [],
    ...(instanceId === null && (await formatAssistantContext(services, task, serverUrl))),
    callbackUrl: new URL(CALLBACK_PATH, serverUrl).href,
    callbackToken: await signCallbackToken(services.keys, capability, deadline),
    timeoutMs: task.remainingMs,
  });
}

async function dispatch(services: Services, task: Task, bridge: Bridge, attempt: number, serverUrl: string) {
  const { tenantId, sessionId, id: taskId } = task;
  const answer = await handTo(services, task, bridge, serverUrl);
  if (answer.outcome === 'unavailable') return answer.retryAfterMs ?? backoff(attempt);
  if (answer.outcome !== 'ok') {
    const detail = answer.outcome === 'rejected' ? answer.detail : 'The bridge does not take tasks.';
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
  if (changed) services.bus.publish(sessionChannel(tenantId, sessionId), changed.events);
  services.metrics.dispatched((Date.now() - task.createdAt.getTime()) / 1_000);
  services.log.info({ tenantId, sessionId, taskId, attempt }, 'a bridge took a task');
  return SILENCE_MS;
}

/** False when the bridge could not be reached with all of them. */
async function deliverDecisions(services: Services, task: Task, bridge: Bridge): Promise<boolean> {
  const delivered: string[] = [];
  for (const { id, decision } of task.undelivered) {
    const answer = await decide(services, bridge, id, { decision });
    // Whatever a bridge makes of a decision that comes too late, it reports by itself.
    if (answer.outcome !== 'unavailable') delivered.push(id);
  }
  if (delivered.length > 0) {
    const where = { id: { in: delivered } };
    await services.db.tenant(task.tenantId).approval.updateMany({ where, data: { deliveredAt: new Date() } });
  }
  return delivered.length === task.undelivered.length;
}

async function deliverCancel(services: Services, task: Task, bridge: Bridge, attempt: number, serverUrl: string) {
  const answer = await cancel(services, bridge, task.id);
  if (answer.outcome === 'ok') return attempt > 1 ? reconcile(services, task, bridge, attempt, serverUrl) : SILENCE_MS;
  if (answer.outcome === 'unavailable' && attempt < CANCEL_ATTEMPTS) return answer.retryAfterMs ?? backoff(attempt);
  return endCancelled(services, task);
}

async function endCancelled(services: Services, task: Task) {
  await endTask(services, task, { status: 'CANCELLED', reason: 'CANCELLED_BY_USER' });
  return null;
}

/** Asks a silent bridge what became of a task. One whose reports meet nobody, since their server is gone, gets this one. */
async function reconcile(services: Services, task: Task, bridge: Bridge, attempt: number, serverUrl: string) {
  const lastSeenAt = services.live.find({ tenantId: task.tenantId, taskId: task.id })?.lastSeenAt ?? -Infinity;
  if (performance.now() - lastSeenAt < SILENCE_MS) return SILENCE_MS;
  const answer = await taskState(services, bridge, task.id);
  if (answer.outcome === 'unavailable') return backoff(attempt);
  // A bridge whose end of the task was acknowledged, and that we do not have, has nothing more to say either.
  if (answer.outcome === 'ok' && !(answer.body.state === 'ended' && answer.body.ackedN === answer.body.lastN)) {
    if (answer.body.callbackFailing) await handTo(services, task, bridge, serverUrl);
    return SILENCE_MS;
  }
  const detail = 'The bridge does not know this task any more.';
  await endTask(services, task, { status: 'FAILED', reason: 'BRIDGE_LOST', detail });
  return null;
}

async function timeOut(services: Services, task: Task) {
  const reason = task.status === 'QUEUED' ? 'BRIDGE_UNREACHABLE' : 'DEADLINE_EXCEEDED';
  await endTask(services, task, { status: 'TIMED_OUT', reason });
  const bridge = bridgeOf(services, task);
  if (bridge) await cancel(services, bridge, task.id);
  return null;
}

/** Doubles from half a second to at most thirty, with jitter so that servers do not march in step. */
const backoff = (attempt: number) => Math.min(30_000, 250 * 2 ** Math.min(attempt, 10)) * (0.75 + Math.random() / 2);
