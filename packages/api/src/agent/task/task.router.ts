import { Id } from '@it0/contracts/ids';
import { z } from 'zod';
import { authed, router } from '../../trpc.ts';
import { cancelTask } from './cancel-task.ts';

export const taskRouter = router({
  cancel: authed.input(z.object({ taskId: Id })).mutation(({ ctx, input }) => cancelTask(ctx, input.taskId)),
});
