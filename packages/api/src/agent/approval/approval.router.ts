import { Id } from '@it0/contracts/ids';
import { z } from 'zod';
import { rest } from '../../rest/rest.ts';
import { can, router } from '../../trpc.ts';
import { ResolveApproval, ResolvedApproval, resolveApproval } from './approval.ts';
import { onChange } from './on-change.ts';
import { listPending, PendingApprovals } from './pending.ts';
import { ApprovalRules, listRules, SetRules, setRules } from './rule.ts';

export const approvalRouter = router({
  pending: can('session:read')
    .meta(
      rest('GET /agent/approvals/pending', {
        operationId: 'listPendingApprovals',
        summary: 'What waits for a decision, of all agents you see, oldest first',
        response: PendingApprovals,
      }),
    )
    .query(({ ctx }) => listPending(ctx)),
  onChange: can('session:read').subscription(({ ctx }) => onChange(ctx)),
  resolve: can('approval:decide')
    .meta(
      rest('POST /agent/approvals/{approvalId}/resolve', {
        operationId: 'resolveApproval',
        summary: 'Decide about a command that waits',
        response: ResolvedApproval,
        description:
          'Say what you saw: a decision about something else is refused. The first decision stands; the same one again answers the same.',
        errors: ['APPROVAL_NOT_FOUND', 'APPROVAL_CHANGED', 'APPROVAL_DECIDED', 'APPROVAL_EXPIRED', 'TASK_ENDED'],
      }),
    )
    .input(ResolveApproval)
    .mutation(({ ctx, input }) => resolveApproval(ctx, input)),
  rules: can('instance:manage')
    .meta(
      rest('GET /agent/instances/{instanceId}/approval-rules', {
        operationId: 'listApprovalRules',
        summary: 'What an instance of yours may do without asking, and what it may not',
        response: ApprovalRules,
        description:
          'The first rule that matches decides; where none does, a person is asked. In an allow of commands `*` is one word, or a part of one, and `**` the rest. A deny or an ask is for every spelling of what it names.',
        errors: ['INSTANCE_NOT_FOUND'],
      }),
    )
    .input(z.object({ instanceId: Id }))
    .query(({ ctx, input }) => listRules(ctx, input.instanceId)),
  setRules: can('instance:manage')
    .meta(
      rest('PUT /agent/instances/{instanceId}/approval-rules', {
        operationId: 'setApprovalRules',
        summary: 'Set the rules of an instance of yours, all at once',
        response: ApprovalRules,
        description:
          'Send the revision of the list that you read. It is refused when somebody has set another list meanwhile.',
        errors: ['INSTANCE_NOT_FOUND', 'RULES_CHANGED'],
      }),
    )
    .input(SetRules)
    .mutation(({ ctx, input }) => setRules(ctx, input)),
});
