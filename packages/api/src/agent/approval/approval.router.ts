import { can, router } from '../../trpc.ts';
import { ResolveApproval, resolveApproval } from './approval.ts';

export const approvalRouter = router({
  resolve: can('approval:decide')
    .input(ResolveApproval)
    .mutation(({ ctx, input }) => resolveApproval(ctx, input)),
});
