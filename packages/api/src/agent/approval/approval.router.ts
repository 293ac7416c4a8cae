import { Id } from '@it0/contracts/ids';
import { z } from 'zod';
import { can, router } from '../../trpc.ts';
import { docs } from './approval.rest.ts';
import { ResolveApproval, resolveApproval } from './approval.ts';
import { findApproval } from './find-approval.ts';
import { onChange } from './on-change.ts';
import { listPending } from './pending.ts';
import { listRules, SetRules, setRules } from './rule.ts';

export const approvalRouter = router({
  pending: can('session:read')
    .meta(docs.pending)
    .query(({ ctx }) => listPending(ctx)),
  find: can('session:read')
    .meta(docs.find)
    .input(z.object({ approvalId: Id }))
    .query(({ ctx, input }) => findApproval(ctx, input.approvalId)),
  onChange: can('session:read').subscription(({ ctx }) => onChange(ctx)),
  resolve: can('approval:decide')
    .meta(docs.resolve)
    .input(ResolveApproval)
    .mutation(({ ctx, input }) => resolveApproval(ctx, input)),
  rules: can('instance:manage')
    .meta(docs.rules)
    .input(z.object({ instanceId: Id }))
    .query(({ ctx, input }) => listRules(ctx, input.instanceId)),
  setRules: can('instance:manage')
    .meta(docs.setRules)
    .input(SetRules)
    .mutation(({ ctx, input }) => setRules(ctx, input)),
});
