import { can, router } from '../../trpc.ts';
import { docs } from './usage.rest.ts';
import { listUsage, UsageByDay } from './usage.ts';

export const usageRouter = router({
  byDay: can('session:read')
    .meta(docs.byDay)
    .input(UsageByDay)
    .query(({ ctx, input }) => listUsage(ctx, input)),
});
