import { ApprovalDecision, type DurableEvent } from '@it0/contracts/chat-event';
import { Id } from '@it0/contracts/ids';
import { z } from 'zod';
import { namesOf } from '../../auth/member/names.ts';
import type { UserContext } from '../../context.ts';
import { readableBy } from '../instance/visible.ts';

export const PendingApproval = z
  .object({
    approvalId: Id,
    command: z.string(),
    cwd: z.string().nullable(),
    allowedDecisions: z.array(ApprovalDecision),
    instanceId: Id.nullable().describe('Null for iAgent’s.'),
    instanceName: z.string().nullable(),
    sessionId: Id,
    sessionTitle: z.string(),
    askerName: z.string().describe('Who sent the message that led to it.'),
    askedAt: z.iso.datetime(),
    expiresAt: z.iso.datetime(),
  })
  .meta({ id: 'PendingApproval', description: 'A command that waits for a decision.' });
export type PendingApproval = z.infer<typeof PendingApproval>;

type Asked = Extract<DurableEvent, { type: 'approval' }>;

const most = 100;

/** What waits for a decision in the conversations that the user may read, the oldest first. */
export async function listPending(ctx: UserContext): Promise<PendingApproval[]> {
  const { db, user } = ctx;
  const session = { id: true, title: true, agentInstance: { select: { id: true, name: true } } };
  const found = await db.tenant(user.tenantId).approval.findMany({
    where: { status: 'PENDING', expiresAt: { gt: new Date() }, task: { session: readableBy(user) } },
    orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
    take: most,
    include: { task: { select: { ownerId: true, session: { select: session } } } },
  });
  const names = await namesOf(
    ctx,
    found.map(({ task }) => task.ownerId),
  );
  return found.map(({ id, request, createdAt, expiresAt, task: { ownerId, session } }) => {
    const { command, cwd = null, allowedDecisions } = request as Asked;
    return {
      ...{ approvalId: id, command, cwd, allowedDecisions },
      instanceId: session.agentInstance?.id ?? null,
      instanceName: session.agentInstance?.name ?? null,
      sessionId: session.id,
      sessionTitle: session.title,
      askerName: names(ownerId),
      askedAt: createdAt.toISOString(),
      expiresAt: expiresAt.toISOString(),
    };
  });
}
