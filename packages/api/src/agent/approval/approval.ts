import { toSessionChannel } from '@it0/bus/bus';
import { ApprovalDecision, ApprovalKind, ApprovalStatus, type DurableEvent } from '@it0/contracts/chat-event';
import { Id } from '@it0/contracts/ids';
import { limits } from '@it0/contracts/limits';
import { storableString } from '@it0/contracts/text';
import { quoteTenantSchema } from '@it0/db/sql';
import { transaction } from '@it0/db/transaction';
import { z } from 'zod';
import type { UserContext } from '../../core.ts';
import { AppError } from '../../errors.ts';
import type { AgentContext } from '../agent-services.ts';
import { makeDue } from '../dispatch/dispatch-table.ts';
import { readableBy } from '../instance/access.ts';
import { changeTask } from '../task/event-log.ts';
import { OPEN_STATUSES } from '../task/task.ts';
import { notifyPending } from './notify.ts';
import { statusForApprovals } from './record-approvals.ts';
import { isSameRequest } from './same-request.ts';
import { requireUnsandboxed } from './unsandboxed.ts';

/** An approval as its decider saw it. */
const Seen = z
  .object({
    kind: ApprovalKind.optional(),
    command: storableString(limits.command),
    cwd: storableString(limits.detail).optional(),
    content: storableString(limits.toolArgs).optional(),
    agentConfiguration: z.boolean().optional(),
    warning: storableString(limits.detail).optional(),
    allowedDecisions: z.array(ApprovalDecision).max(ApprovalDecision.options.length),
  })
  .meta({ id: 'SeenApproval', description: 'The request as you saw it. The decision applies to nothing else.' });

/** Input of `approval.resolve`. */
export const ResolveApproval = z.object({ approvalId: Id, decision: ApprovalDecision, seen: Seen });
export type ResolveApproval = z.infer<typeof ResolveApproval>;

/** The status of an approval after a decision. */
export const ResolvedApproval = z.object({ status: ApprovalStatus }).meta({ id: 'ResolvedApproval' });
type ResolvedApproval = z.infer<typeof ResolvedApproval>;

/** The stored request of an approval. */
type StoredRequest = Omit<Extract<DurableEvent, { type: 'approval' }>, 'seq' | 'at' | 'taskId'>;

/**
 * Records a person's decision about the request that they saw. The first decision is final; repeating it returns the
 * same result. It is delivered to the bridge, with retries, after the commit. Throws APPROVAL_NOT_FOUND,
 * APPROVAL_CHANGED, APPROVAL_DECIDED, APPROVAL_EXPIRED, TASK_ENDED, INVALID_INPUT or FORBIDDEN.
 */
export async function resolveApproval(
  ctx: AgentContext,
  { approvalId, decision, seen }: ResolveApproval,
): Promise<ResolvedApproval> {
  const { tenantId } = ctx.user;
  const { taskId, sessionId, request, driver } = await requireApproval(ctx, approvalId);
  if (!isSameRequest(request, seen)) {
    throw new AppError('APPROVAL_CHANGED', 'The request has changed since you saw it.');
  }
  if (!request.allowedDecisions.includes(decision)) {
    throw new AppError('INVALID_INPUT', `This approval does not allow "${decision}".`);
  }
  if (decision !== 'deny' && request.kind === 'exec-unsandboxed') requireUnsandboxed(ctx, driver);
  const status = decision === 'deny' ? 'DENIED' : 'ALLOWED';
  const schema = quoteTenantSchema(tenantId);

  const events = await transaction(ctx.db.pool, async (client) => {
    await client.query(`SELECT FROM ${schema}."AgentTask" WHERE "id" = $1 FOR UPDATE`, [taskId]);
    const { rows } = await client.query<{ id: string; status: ApprovalStatus; expired: boolean }>(
      `SELECT "id", "status", "expiresAt" <= now() AS "expired" FROM ${schema}."Approval" WHERE "taskId" = $1`,
      [taskId],
    );
    const approval = rows.find((row) => row.id === approvalId);
    if (approval?.status === status) return null;
    if (approval?.status === 'PENDING' && !approval.expired) approval.status = status;
    else throw toRefusal(approval?.status ?? 'CANCELLED');
    const changed = await changeTask(client, {
      tenantId,
      taskId,
      from: OPEN_STATUSES,
      status: statusForApprovals(rows.filter((row) => row.status === 'PENDING').length),
      events: [{ ...request, status, decidedBy: ctx.user.name }],
    });
    if (!changed) throw toRefusal('CANCELLED');
    await client.query(
      `UPDATE ${schema}."Approval"
       SET "status" = $2::${schema}."ApprovalStatus", "decidedById" = $3, "decidedAt" = now()
       WHERE "id" = $1`,
      [approvalId, status, ctx.user.id],
    );
    await makeDue(client, { tenantId, taskId });
    return changed.events;
  });

  if (events) {
    ctx.bus.publish(toSessionChannel(tenantId, sessionId), events);
    notifyPending(ctx, tenantId);
    ctx.dispatcher.wake({ tenantId, taskId });
  }
  return { status };
}

function toRefusal(status: ApprovalStatus): AppError {
  if (status === 'PENDING' || status === 'EXPIRED') {
    return new AppError('APPROVAL_EXPIRED', 'This approval has expired. The command was not run.');
  }
  if (status === 'CANCELLED') return new AppError('TASK_ENDED', 'The task has ended, so there is nothing to decide.');
  return new AppError('APPROVAL_DECIDED', `This approval has already been ${status.toLowerCase()}.`);
}

async function requireApproval({ db, user }: UserContext, id: string) {
  const approval = await db.tenant(user.tenantId).approval.findFirst({
    where: { id, task: { session: readableBy(user) } },
    select: {
      taskId: true,
      request: true,
      task: { select: { sessionId: true, session: { select: { agentInstance: { select: { driver: true } } } } } },
    },
  });
  if (!approval) throw new AppError('APPROVAL_NOT_FOUND', 'Approval not found.');
  const { sessionId, session } = approval.task;
  const driver = session.agentInstance?.driver ?? null;
  return { taskId: approval.taskId, sessionId, request: approval.request as StoredRequest, driver };
}
