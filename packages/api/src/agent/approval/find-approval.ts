import { ApprovalStatus } from '@it0/contracts/chat-event';
import { Id } from '@it0/contracts/ids';
import { z } from 'zod';
import type { UserContext } from '../../core.ts';
import { AppError } from '../../errors.ts';
import { readableBy } from '../instance/access.ts';

/** Where an approval is in the conversations, and its status. */
export const ApprovalLocation = z
  .object({
    instanceId: Id.nullable().describe('Null for iAgent.'),
    sessionId: Id,
    taskId: Id,
    status: ApprovalStatus,
  })
  .meta({ id: 'ApprovalLocation', description: 'The task that an approval belongs to, and its status.' });
export type ApprovalLocation = z.infer<typeof ApprovalLocation>;

/** Finds an approval in the sessions that the user may read. Throws APPROVAL_NOT_FOUND. */
export async function findApproval({ db, user }: UserContext, id: string): Promise<ApprovalLocation> {
  const approval = await db.tenant(user.tenantId).approval.findFirst({
    where: { id, task: { session: readableBy(user) } },
    select: {
      status: true,
      taskId: true,
      task: { select: { sessionId: true, session: { select: { agentInstanceId: true } } } },
    },
  });
  if (!approval) throw new AppError('APPROVAL_NOT_FOUND', 'Approval not found.');
  const { status, taskId, task } = approval;
  return { instanceId: task.session.agentInstanceId, sessionId: task.sessionId, taskId, status };
}
