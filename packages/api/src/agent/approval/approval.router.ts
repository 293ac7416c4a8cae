import { rest } from '../../rest/rest.ts';
import { can, router } from '../../trpc.ts';
import { ResolveApproval, ResolvedApproval, resolveApproval } from './approval.ts';

export const approvalRouter = router({
  resolve: can('approval:decide')
    .meta(
      rest('POST /agent/approvals/{approvalId}/resolve', {
        operationId: 'resolveApproval',
        summary: 'Decide about a command that waits',
        answer: ResolvedApproval,
        description: 'The first decision stands; the same one again answers the same.',
        refusals: ['APPROVAL_NOT_FOUND', 'APPROVAL_DECIDED', 'APPROVAL_EXPIRED', 'TASK_ENDED'],
      }),
    )
    .input(ResolveApproval)
    .mutation(({ ctx, input }) => resolveApproval(ctx, input)),
});
