import { Id } from '@it0/contracts/ids';
import { z } from 'zod';
import { can, router } from '../../trpc.ts';
import { cancelTask } from './cancel-task.ts';

export const taskRouter = router({
  cancel: can('session:stop')
    .input(z.object({ taskId: Id }))
    .mutation(({ ctx, input }) => cancelTask(ctx, input.taskId)),
});
