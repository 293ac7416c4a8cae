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
        summary: 'Stop a task',
        response: CancelledTask,
        description: 'What it has answered so far is kept. Cancelling what is over changes nothing.',
        errors: ['TASK_NOT_FOUND'],
      }),
    )
    .input(z.object({ taskId: Id }))
    .mutation(({ ctx, input }) => cancelTask(ctx, input.taskId)),
});
