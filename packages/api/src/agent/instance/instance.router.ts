import { Id } from '@it0/contracts/ids';
import { z } from 'zod';
import { can, router } from '../../trpc.ts';
import { ListSessions, listSessions } from '../session/session.ts';
import { CreateTask, createTask } from '../task/create-task.ts';
import { listInstances, requireInstance } from './instance.ts';
import { listShares, OneShare, ShareInstance, shareInstance, unshareInstance } from './share.ts';

export const instanceRouter = router({
  list: can('instance:read').query(({ ctx }) => listInstances(ctx)),
  byId: can('instance:read')
    .input(z.object({ instanceId: Id }))
    .query(({ ctx, input }) => requireInstance(ctx, input.instanceId)),
  createTask: can('instance:use')
    .input(CreateTask)
    .mutation(({ ctx, input }) => createTask(ctx, input)),
  sessions: can('session:read')
    .input(ListSessions)
    .query(({ ctx, input }) => listSessions(ctx, input)),
  shares: can('instance:manage')
    .input(z.object({ instanceId: Id }))
    .query(({ ctx, input }) => listShares(ctx, input.instanceId)),
  share: can('instance:manage')
    .input(ShareInstance)
    .mutation(({ ctx, input }) => shareInstance(ctx, input)),
  unshare: can('instance:manage')
    .input(OneShare)
    .mutation(({ ctx, input }) => unshareInstance(ctx, input)),
});
