import { canInSession, router, sessionProcedure } from '../../trpc.ts';
import { leave } from '../member/member.ts';
import { createTenant, renameTenant, switchTenant, TenantName, TenantRef } from './tenant.ts';

export const tenantRouter = router({
  create: canInSession('tenant:manage')
    .input(TenantName)
    .mutation(({ ctx, input }) => createTenant(ctx, input)),
  rename: canInSession('tenant:manage')
    .input(TenantName)
    .mutation(({ ctx, input }) => renameTenant(ctx, input)),
  switch: sessionProcedure.input(TenantRef).mutation(({ ctx, input }) => switchTenant(ctx, input.tenantId)),
  leave: canInSession('member:read').mutation(({ ctx }) => leave(ctx)),
});
