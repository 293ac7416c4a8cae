import { Id } from '@it0/contracts/ids';
import { Reason } from '@it0/contracts/reasons';
import { head } from '@it0/contracts/text';
import { z } from 'zod';
import type { UserContext } from '../../core.ts';
import { readableBy } from '../instance/access.ts';

/** Input of `listFailures`. */
export const ListFailures = z.object({ limit: z.int().min(1).max(50).default(20) });

/** A task that failed or timed out. */
export const FailedTask = z
  .object({
    taskId: Id,
    sessionId: Id,
    instanceId: Id.nullable().describe('Null for iAgent’s.'),
    instanceName: z.string().nullable(),
    message: z.string().describe('The start of the user’s message.'),
    status: z.enum(['FAILED', 'TIMED_OUT']).meta({ id: 'FailedStatus' }),
    reason: Reason.nullable(),
    detail: z.string().nullable(),
    endedAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'FailedTask' });
export type FailedTask = z.infer<typeof FailedTask>;

const FAILURE_STATUSES = ['FAILED', 'TIMED_OUT'] as const;
const MESSAGE_LENGTH = 300;

/** Lists failed and timed-out tasks in the sessions that the user may read, most recent first. */
export async function listFailures(
  { db, user }: UserContext,
  { limit }: z.infer<typeof ListFailures>,
): Promise<FailedTask[]> {
  const tenant = db.tenant(user.tenantId);
  const tasks = await tenant.agentTask.findMany({
    where: { status: { in: [...FAILURE_STATUSES] }, session: readableBy(user) },
    orderBy: [{ endedAt: { sort: 'desc', nulls: 'last' } }, { id: 'desc' }],
    take: limit,
    include: { session: { select: { agentInstance: { select: { id: true, name: true } } } } },
  });
  // The id of a reply is that of its task.
  const replies = await tenant.conversationMessage.findMany({
    where: { id: { in: tasks.map(({ id }) => id) } },
    select: { id: true, detail: true },
  });
  const details = new Map(replies.map(({ id, detail }) => [id, detail]));
  return tasks.map(({ id, sessionId, message, status, reason, endedAt, session: { agentInstance } }) => ({
    ...{ taskId: id, sessionId, instanceId: agentInstance?.id ?? null, instanceName: agentInstance?.name ?? null },
    message: head(message, MESSAGE_LENGTH),
    status: status as FailedTask['status'],
    reason: Reason.safeParse(reason).data ?? null,
    detail: details.get(id) ?? null,
    endedAt: endedAt?.toISOString() ?? null,
  }));
}
