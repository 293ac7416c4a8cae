import { canInPerson, router, signedIn } from '../../trpc.ts';
import { leave } from '../member/member.ts';
import { createTenant, OneTenant, renameTenant, switchTenant, TenantName } from './tenant.ts';

export const tenantRouter = router({
  create: canInPerson('tenant:manage')
    .input(TenantName)
    .mutation(({ ctx, input }) => createTenant(ctx, input)),
  rename: canInPerson('tenant:manage')
    .input(TenantName)
    .mutation(({ ctx, input }) => renameTenant(ctx, input)),
  switch: signedIn.input(OneTenant).mutation(({ ctx, input }) => switchTenant(ctx, input.tenantId)),
  leave: canInPerson('member:read').mutation(({ ctx }) => leave(ctx)),
});
