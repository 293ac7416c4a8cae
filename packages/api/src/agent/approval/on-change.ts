import { toApprovalsChannel } from '@it0/bus/bus';
import type { AgentContext } from '../agent-services.ts';
import { ChangeReader } from '../change-reader.ts';
import {
  listPending,
  listSettled,
  type PendingApproval,
  type PendingApprovals,
  type ReadContext,
  type SettledApproval,
} from './pending.ts';

/**
 * The pending approvals, the number of those beyond the limit of the list, and the outcome of approvals that were in
 * the previous list.
 */
export type ApprovalChange = { pending: PendingApproval[]; notListed: number; settled: SettledApproval[] };

/** Streams the pending approvals that the user can see, now and after every change. One that expires is a change. */
export const onChange = (ctx: AgentContext): AsyncIterable<ApprovalChange> =>
  new ChangeReader(ctx, toApprovalsChannel(ctx.user.tenantId), {
    read: listPending,
    toValue: toChange,
    recheckMs: 10_000,
  });

async function toChange(
  { approvals: pending, notListed }: PendingApprovals,
  previous: PendingApprovals | undefined,
  ctx: ReadContext,
): Promise<ApprovalChange> {
  const pendingIds = new Set(pending.map(({ approvalId }) => approvalId));
  const previousIds = previous?.approvals.map(({ approvalId }) => approvalId) ?? [];
  const settledIds = previousIds.filter((id) => !pendingIds.has(id));
  return { pending, notListed, settled: await listSettled(ctx, settledIds) };
}
