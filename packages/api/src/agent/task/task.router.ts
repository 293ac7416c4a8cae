import { Id } from '@it0/contracts/ids';
import { z } from 'zod';
import { can, router } from '../../trpc.ts';
import { cancelTask } from './cancel-task.ts';
import { docs } from './task.rest.ts';

export const taskRouter = router({
  cancel: can('session:stop', 'assistant:use')
    .meta(docs.cancel)
    .input(z.object({ taskId: Id }))
    .mutation(({ ctx, input }) => cancelTask(ctx, input.taskId)),
});
