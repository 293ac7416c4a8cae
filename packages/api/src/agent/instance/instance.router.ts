import { Id } from '@it0/contracts/ids';
import { z } from 'zod';
import { authed, router } from '../../trpc.ts';
import { ListSessions, listSessions } from '../session/session.ts';
import { CreateTask, createTask } from '../task/create-task.ts';
import { listInstances, requireInstance } from './instance.ts';

export const instanceRouter = router({
  list: authed.query(({ ctx }) => listInstances(ctx)),
  byId: authed.input(z.object({ instanceId: Id })).query(({ ctx, input }) => requireInstance(ctx, input.instanceId)),
  createTask: authed.input(CreateTask).mutation(({ ctx, input }) => createTask(ctx, input)),
  sessions: authed.input(ListSessions).query(({ ctx, input }) => listSessions(ctx, input)),
});
