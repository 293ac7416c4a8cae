import { authed, router } from '../../trpc.ts';
import { ResolveApproval, resolveApproval } from './approval.ts';

export const approvalRouter = router({
  resolve: authed.input(ResolveApproval).mutation(({ ctx, input }) => resolveApproval(ctx, input)),
});
