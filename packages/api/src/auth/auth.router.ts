import { authed, router } from '../trpc.ts';

export const authRouter = router({
  me: authed.query(({ ctx: { user } }) => ({
    user: { id: user.id, name: user.name },
    tenant: { id: user.tenantId, name: user.tenantName },
  })),
});
