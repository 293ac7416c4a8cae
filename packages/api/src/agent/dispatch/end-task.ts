import { toSessionChannel } from '@it0/bus/bus';
import type { TaskStatus } from '@it0/contracts/chat-event';
import type { TaskReason } from '@it0/contracts/reasons';
import { createReply, reduceReply, toParts } from '@it0/contracts/reply';
import { quoteTenantSchema } from '@it0/db/sql';
import { transaction } from '@it0/db/transaction';
import type { PoolClient } from 'pg';
import type { AgentServices } from '../agent-services.ts';
import { notifyPending } from '../approval/notify.ts';
import { indexMessage } from '../search/search-index.ts';
import { changeTask, type TaskChange, toDurableEvent } from '../task/event-log.ts';
import type { NewEvent } from '../task/task.ts';
import { removeDispatch } from './dispatch-table.ts';

/**
 * Writes the end of a task in the caller's transaction: appends the last events, cancels pending approvals, writes the
 * reply reduced from the log, and removes the task from the dispatch table. Returns null when the task had already
 * ended, and otherwise the events and the number of approvals that were `unanswered`.
 */
export async function writeEnd(client: PoolClient, change: TaskChange) {
  const changed = await changeTask(client, change);
  if (!changed) return null;
  const schema = quoteTenantSchema(change.tenantId);
  const { taskId } = change;
  const { rowCount: unanswered } = await client.query(
    `UPDATE ${schema}."Approval" SET "status" = 'CANCELLED' WHERE "taskId" = $1 AND "status" = 'PENDING'`,
    [taskId],
  );
  const { reply, messageSeq } = await readReply(client, change);
  const parts = toParts(reply);
  await client.query(
    `INSERT INTO ${schema}."ConversationMessage"
       ("id", "sessionId", "taskId", "role", "parts", "status", "reason", "detail", "seq", "branch")
     SELECT "id", "sessionId", "id", 'ASSISTANT', $2, $3::${schema}."TaskStatus", $4, $5, $6, "branch"
     FROM ${schema}."AgentTask"
     WHERE "id" = $1`,
    [taskId, JSON.stringify(parts), reply.status, reply.reason, reply.detail, messageSeq],
  );
  const { tenantId } = change;
  await indexMessage(client, { tenantId, id: taskId, sessionId: changed.sessionId, at: new Date(), parts });
  await recordUsage(client, change);
  await removeDispatch(client, change);
  return { ...changed, unanswered };
}

const RECORD_USAGE = (schema: string) => `
  UPDATE ${schema}."AgentTask" t
  SET "inputTokens" = $2, "outputTokens" = $3, "cachedTokens" = $4, "model" = i."modelName"
  FROM ${schema}."AgentSession" s
  LEFT JOIN ${schema}."AgentInstance" i ON i."id" = s."agentInstanceId"
  WHERE t."id" = $1 AND s."id" = t."sessionId"`;

/** Stores the tokens that the engine has reported, since the log is deleted after some time. */
async function recordUsage(client: PoolClient, { tenantId, taskId, events }: TaskChange): Promise<void> {
  const usage = events.find((event) => event.type === 'completed')?.usage;
  if (!usage) return;
  const values = [taskId, usage.input, usage.output, usage.cacheRead];
  await client.query(RECORD_USAGE(quoteTenantSchema(tenantId)), values);
}

/** Reads a reply from the event log, and the `seq` of the person's message: of its last event, if it was changed. */
export async function readReply(client: PoolClient, { tenantId, taskId }: Pick<TaskChange, 'tenantId' | 'taskId'>) {
  const { rows } = await client.query<{ seq: string; payload: NewEvent; createdAt: Date }>(
    `SELECT "seq", "payload", "createdAt" FROM ${quoteTenantSchema(tenantId)}."ChatEvent"
     WHERE "taskId" = $1 ORDER BY "seq"`,
    [taskId],
  );
  const reply = rows
    .map((row) => toDurableEvent(row.payload, { seq: Number(row.seq), at: row.createdAt, taskId }))
    .reduce(reduceReply, createReply(taskId));
  return { reply, messageSeq: rows.findLast(({ payload }) => payload.type === 'message')?.seq };
}

/** Ends a task on the server's initiative. The text so far remains as its reply. Returns false when it had already ended. */
export async function endTask(
  services: AgentServices,
  task: { tenantId: string; id: string; text: string },
  end: { status: 'FAILED' | 'TIMED_OUT' | 'CANCELLED'; reason: TaskReason; detail?: string },
): Promise<boolean> {
  const text = services.live.latestText({ tenantId: task.tenantId, taskId: task.id, text: task.text });
  const changed = await transaction(services.db.pool, (client) =>
    writeEnd(client, {
      tenantId: task.tenantId,
      taskId: task.id,
      status: end.status,
      reason: end.reason,
      events: [{ type: 'error', ...end, text }],
    }),
  );
  if (!changed) return false;
  services.bus.publish(toSessionChannel(task.tenantId, changed.sessionId), changed.events);
  if (changed.unanswered) notifyPending(services, task.tenantId);
  finalizeTask(services, { tenantId: task.tenantId, taskId: task.id, sessionId: changed.sessionId }, end.status);
  return true;
}

/** Drops the live reply of a task and starts the next one of its session. Runs after the commit of the end. */
export function finalizeTask(services: AgentServices, task: TaskIds, status: TaskStatus) {
  const { tenantId, sessionId, taskId } = task;
  services.live.drop(task);
  services.dispatcher.wakeSession(tenantId, sessionId);
  services.metrics.ended(status);
  services.log.info({ tenantId, sessionId, taskId, status }, 'a task ended');
}
type TaskIds = { tenantId: string; sessionId: string; taskId: string };
