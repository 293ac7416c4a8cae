import { Id } from '@it0/contracts/ids';
import { Reason } from '@it0/contracts/reasons';
import { head } from '@it0/contracts/text';
import { z } from 'zod';
import type { UserContext } from '../../context.ts';
import { readableBy } from '../instance/access.ts';

export const ListFailures = z.object({ limit: z.int().min(1).max(50).default(20) });

export const Failed = z
  .object({
    taskId: Id,
    sessionId: Id,
    instanceId: Id.nullable().describe('Null for iAgent’s.'),
    instanceName: z.string().nullable(),
    message: z.string().describe('What was asked, its beginning.'),
    status: z.enum(['FAILED', 'TIMED_OUT']).meta({ id: 'FailedStatus' }),
    reason: Reason.nullable(),
    detail: z.string().nullable(),
    endedAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'FailedTask' });
export type Failed = z.infer<typeof Failed>;

const failures = ['FAILED', 'TIMED_OUT'] as const;
const messageLength = 300;

/** What failed of the tasks that the user may read about, the latest first. */
export async function listFailures(
  { db, user }: UserContext,
  { limit }: z.infer<typeof ListFailures>,
): Promise<Failed[]> {
  const tenant = db.tenant(user.tenantId);
  const tasks = await tenant.agentTask.findMany({
    where: { status: { in: [...failures] }, session: readableBy(user) },
    orderBy: [{ endedAt: { sort: 'desc', nulls: 'last' } }, { id: 'desc' }],
    take: limit,
    include: { session: { select: { agentInstance: { select: { id: true, name: true } } } } },
  });
  // A reply has its task's id.
  const replies = await tenant.conversationMessage.findMany({
    where: { id: { in: tasks.map(({ id }) => id) } },
    select: { id: true, detail: true },
  });
  const details = new Map(replies.map(({ id, detail }) => [id, detail]));
  return tasks.map(({ id, sessionId, message, status, reason, endedAt, session: { agentInstance } }) => ({
    ...{ taskId: id, sessionId, instanceId: agentInstance?.id ?? null, instanceName: agentInstance?.name ?? null },
    message: head(message, messageLength),
    status: status as Failed['status'],
    reason: Reason.safeParse(reason).data ?? null,
    detail: details.get(id) ?? null,
    endedAt: endedAt?.toISOString() ?? null,
  }));
}
