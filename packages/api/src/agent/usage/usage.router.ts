import { can, canInSession, router } from '../../trpc.ts';
import { listPrices, ModelRef, removePrice, SetPrice, setPrice } from './model-price.ts';
import { docs } from './usage.rest.ts';
import { listUsage, UsageByDay } from './usage.ts';

export const usageRouter = router({
  byDay: can('session:read')
    .meta(docs.byDay)
    .input(UsageByDay)
    .query(({ ctx, input }) => listUsage(ctx, input)),
  prices: can('session:read')
    .meta(docs.prices)
    .query(({ ctx }) => listPrices(ctx)),
  setPrice: canInSession('tenant:manage')
    .input(SetPrice)
    .mutation(({ ctx, input }) => setPrice(ctx, input)),
  removePrice: canInSession('tenant:manage')
    .input(ModelRef)
    .mutation(({ ctx, input }) => removePrice(ctx, input)),
});
