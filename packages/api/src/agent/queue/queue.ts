import { toSessionChannel } from '@it0/bus/bus';
import type { Attachment } from '@it0/contracts/attachment';
import type { TaskStatus } from '@it0/contracts/chat-event';
import { isTerminal } from '@it0/contracts/event-kinds';
import { Id } from '@it0/contracts/ids';
import { quoteTenantSchema } from '@it0/db/sql';
import { transaction } from '@it0/db/transaction';
import type { PoolClient } from 'pg';
import { z } from 'zod';
import { AppError, forbidden } from '../../errors.ts';
import type { AgentContext } from '../agent-services.ts';
import { attachmentNotFound, requireTotalSize } from '../attachment/attachment.ts';
import { indexMessage } from '../search/search-index.ts';
import { cancelTask, requireCancellable } from '../task/cancel-task.ts';
import { CreateTask } from '../task/create-task.ts';
import { toDurableEvent } from '../task/event-log.ts';
import { type NewEvent, taskNotFound } from '../task/task.ts';
import {
  APPEND_MESSAGES,
  ATTACH,
  CHANGE_MESSAGE,
  CHANGE_PARTS,
  DELETE_DISPATCHES,
  DETACH_OTHERS,
  FIND_TASK,
  INSERT_DISPATCHES,
  LOCK_DISPATCHES,
  LOCK_SESSION,
} from './queue.sql.ts';

/** Input of `queue.edit`. */
export const EditMessage = CreateTask.pick({ message: true }).extend({
  taskId: Id,
  attachmentIds: CreateTask.shape.attachmentIds
    .unwrap()
    .describe('All files of the message: those that it has and remain, and unsent ones.'),
});

/** Input of `queue.move`. */
export const MoveMessage = z.object({
  taskId: Id,
  beforeTaskId: Id.nullable().describe('The task of the message before which it is sent; null to send it last.'),
});

/**
 * Changes a message that waits behind another one. Throws TASK_NOT_FOUND, FORBIDDEN, TASK_STARTED, TASK_ENDED,
 * ATTACHMENT_NOT_FOUND or ATTACHMENT_TOO_LARGE.
 */
export const editMessage = (ctx: AgentContext, { taskId, message, attachmentIds }: z.infer<typeof EditMessage>) =>
  changeQueue(ctx, taskId, async (client, { schema, sessionId, lock }) => {
    const { rowCount } = await client.query(CHANGE_MESSAGE(schema), [taskId, message]);
    if (rowCount === 0) throw taskStarted();
    const waiting = await lock();
    const attachments = await replaceFiles(client, { schema, taskId, sessionId, attachmentIds, userId: ctx.user.id });
    const parts = [
      { type: 'text' as const, text: message },
      ...attachments.map((file) => ({ type: 'attachment' as const, ...file })),
    ];
    const { rows } = await client.query<{ id: string }>(CHANGE_PARTS(schema), [
      ...[sessionId, taskId, JSON.stringify(parts)],
    ]);
    await indexMessage(client, { tenantId: ctx.user.tenantId, id: rows[0]!.id, sessionId, at: new Date(), parts });
    return waiting.slice(waiting.indexOf(taskId));
  });

/**
 * Moves a message to another position among those that wait. Throws TASK_NOT_FOUND, FORBIDDEN, TASK_STARTED or
 * TASK_ENDED.
 */
export const moveMessage = (ctx: AgentContext, { taskId, beforeTaskId }: z.infer<typeof MoveMessage>) =>
  changeQueue(ctx, taskId, async (client, { sessionId, lock }) => {
    const waiting = await lock();
    if (beforeTaskId === taskId) return [];
    const others = waiting.filter((id) => id !== taskId);
    const index = beforeTaskId === null ? others.length : others.indexOf(beforeTaskId);
    // The message before which it was to be sent has started meanwhile, so this one is the next.
    const order = others.toSpliced(Math.max(0, index), 0, taskId);
    const changed = order.slice(order.findIndex((id, position) => id !== waiting[position]));
    if (order.every((id, position) => id === waiting[position])) return [];
    await client.query(DELETE_DISPATCHES, [ctx.user.tenantId, changed]);
    await client.query(INSERT_DISPATCHES, [ctx.user.tenantId, sessionId, changed]);
    return changed;
  });

/**
 * Sends a message that waits as the next one, and cancels the task before it. Throws TASK_NOT_FOUND, TASK_STARTED or
 * TASK_ENDED, and FORBIDDEN without the permissions to write and to cancel.
 */
export async function sendNow(ctx: AgentContext, taskId: string): Promise<void> {
  const first = await moveToFront(ctx, taskId);
  await cancelTask(ctx, first);
}

async function moveToFront(ctx: AgentContext, taskId: string): Promise<string> {
  const { tenantId } = ctx.user;
  const { sessionId } = await findTask(ctx, taskId);
  const { rows } = await ctx.db.pool.query<{ taskId: string }>(
    'SELECT "taskId" FROM public."Dispatch" WHERE "tenantId" = $1 AND "sessionId" = $2 ORDER BY "id" LIMIT 2',
    [tenantId, sessionId],
  );
  const [running, next] = rows;
  if (!running || running.taskId === taskId) throw taskStarted();
  await requireCancellable(ctx, running.taskId);
  await moveMessage(ctx, { taskId, beforeTaskId: next?.taskId ?? null });
  return running.taskId;
}

const taskStarted = () => new AppError('TASK_STARTED', 'The agent has already started with this message.');

type Queue = {
  schema: string;
  sessionId: string;
  /** Locks the queue, and returns its tasks in their order. Tasks that are changed must be locked before. */
  lock(): Promise<string[]>;
};

/** Runs a change of the queue of a task's session. It returns the tasks whose messages follow those of all others now. */
async function changeQueue(
  ctx: AgentContext,
  taskId: string,
  change: (client: PoolClient, queue: Queue) => Promise<string[]>,
): Promise<void> {
  const { tenantId } = ctx.user;
  const schema = quoteTenantSchema(tenantId);
  const { sessionId, status } = await findTask(ctx, taskId);
  if (isTerminal(status)) throw new AppError('TASK_ENDED', 'This message is no longer waiting.');
  const at = new Date();
  const moved = await transaction(ctx.db.pool, async (client) => {
    const lock = async () => {
      await client.query(LOCK_SESSION(schema), [sessionId]);
      const { rows } = await client.query<{ taskId: string }>(LOCK_DISPATCHES, [tenantId, sessionId]);
      const waiting = rows.slice(1).map((row) => row.taskId);
      if (!waiting.includes(taskId)) throw taskStarted();
      return waiting;
    };
    const taskIds = await change(client, { schema, sessionId, lock });
    if (taskIds.length === 0) return [];
    const values = [sessionId, taskIds, at.toISOString()];
    return (await client.query<MovedMessage>(APPEND_MESSAGES(schema), values)).rows;
  });
  if (moved.length === 0) return;
  ctx.bus.publish(
    toSessionChannel(tenantId, sessionId),
    moved.map(({ event, ...row }) => toDurableEvent(event, { ...row, seq: Number(row.seq), at })),
  );
  ctx.log.info({ tenantId, sessionId, taskId }, 'the queue of a session was changed');
}

type MovedMessage = { taskId: string; seq: string; event: NewEvent };

type FoundTask = { sessionId: string; status: TaskStatus; instanceId: string | null };

/** Finds a task of the user. Throws FORBIDDEN without the permission to write to its agent now. */
async function findTask({ db, user }: AgentContext, taskId: string): Promise<FoundTask> {
  const { rows } = await db.pool.query<FoundTask>(FIND_TASK(quoteTenantSchema(user.tenantId)), [
    ...[taskId, user.id, user.role],
  ]);
  const [task] = rows;
  if (!task) throw taskNotFound();
  if (!user.permissions.has(task.instanceId ? 'instance:use' : 'assistant:use')) throw forbidden();
  return task;
}

type Files = { schema: string; taskId: string; sessionId: string; attachmentIds: string[]; userId: string };

async function replaceFiles(client: PoolClient, { schema, taskId, sessionId, attachmentIds, userId }: Files) {
  await client.query(DETACH_OTHERS(schema), [taskId, attachmentIds]);
  const { rows } = await client.query<Attachment>(ATTACH(schema), [taskId, attachmentIds, sessionId, userId]);
  if (rows.length !== attachmentIds.length) throw attachmentNotFound();
  requireTotalSize(rows);
  return attachmentIds.map((id) => rows.find((row) => row.id === id)!);
}
