import { TaskStatus } from '@it0/contracts/chat-event';
import { isTerminal } from '@it0/contracts/event-kinds';
import type { Prisma } from '@it0/db/generated/tenant/client';
import { z } from 'zod';
import type { User } from '../../caller.ts';
import { forbidden } from '../../errors.ts';
import type { AgentContext } from '../agent-services.ts';
import { makeDue } from '../dispatch/dispatch-table.ts';
import { endTask } from '../dispatch/end-task.ts';
import { readableBy } from '../instance/access.ts';
import { OPEN_STATUSES, taskNotFound } from './task.ts';

/** The status of a task after the request to cancel it. */
export const CancelledTask = z
  .object({ status: TaskStatus.describe('Still open while the bridge has to stop the task.') })
  .meta({ id: 'CancelledTask' });
type CancelledTask = z.infer<typeof CancelledTask>;

/**
 * Cancels a task. A task that was not submitted yet ends at once; a running one ends when its bridge has stopped it,
 * with the text so far as its reply. Has no effect on a task that has ended. A user can always cancel their own tasks of
 * iAgent. Throws TASK_NOT_FOUND, and FORBIDDEN without the permission `session:stop`.
 */
export async function cancelTask(ctx: AgentContext, taskId: string): Promise<CancelledTask> {
  const cancelled = await requestCancel(ctx, cancellable(ctx.user, taskId));
  if (!cancelled) throw notCancellable(ctx.user);
  return cancelled;
}

/** Throws the errors of `cancelTask`, for a change that is made before a task is canceled. */
export async function requireCancellable({ db, user }: AgentContext, taskId: string): Promise<void> {
  const where = cancellable(user, taskId);
  const task = await db.tenant(user.tenantId).agentTask.findUnique({ where, select: { id: true } });
  if (!task) throw notCancellable(user);
}

const canStopAll = ({ permissions }: User) => permissions.has('session:stop');

const cancellable = (user: User, id: string) =>
  ({
    id,
    session: canStopAll(user) ? readableBy(user) : { ownerId: user.id, agentInstanceId: null },
  }) satisfies Prisma.AgentTaskWhereUniqueInput;

const notCancellable = (user: User) => (canStopAll(user) ? taskNotFound() : forbidden());

/** Cancels a task that matches the condition. Returns null when there is none. */
export async function requestCancel(
  ctx: AgentContext,
  where: Prisma.AgentTaskWhereUniqueInput,
): Promise<CancelledTask | null> {
  const tenant = ctx.db.tenant(ctx.user.tenantId);
  const { count } = await tenant.agentTask.updateMany({
    where: { ...where, status: { in: [...OPEN_STATUSES] }, cancelRequestedAt: null },
    data: { cancelRequestedAt: new Date() },
  });
  const task = await tenant.agentTask.findUnique({
    where,
    select: { id: true, status: true, text: true, deadline: true },
  });
  if (!task) return null;
  if (isTerminal(task.status)) return { status: task.status };
  if (!task.deadline) {
    const end = { status: 'CANCELLED', reason: 'WITHDRAWN' } as const;
    await endTask(ctx, { ...task, tenantId: ctx.user.tenantId }, end);
    return { status: 'CANCELLED' };
  }
  if (count > 0) {
    const key = { tenantId: ctx.user.tenantId, taskId: task.id };
    await makeDue(ctx.db.pool, key);
    ctx.dispatcher.wake(key);
  }
  return { status: task.status };
}
