import { Id } from '@it0/contracts/ids';
import { z } from 'zod';
import { rest } from '../../rest/rest.ts';
import { can, router } from '../../trpc.ts';
import { CancelledTask, cancelTask } from './cancel-task.ts';

export const taskRouter = router({
  cancel: can('session:stop', 'assistant:use')
    .meta(
      rest('POST /agent/tasks/{taskId}/cancel', {
        operationId: 'cancelTask',
        summary: 'Cancel a task',
        response: CancelledTask,
        description: 'The reply so far is kept. Canceling a task that has ended has no effect.',
        errors: ['TASK_NOT_FOUND'],
      }),
    )
    .input(z.object({ taskId: Id }))
    .mutation(({ ctx, input }) => cancelTask(ctx, input.taskId)),
});
