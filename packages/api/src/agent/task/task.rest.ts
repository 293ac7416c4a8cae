import { rest } from '../../rest/rest.ts';
import { CancelledTask } from './cancel-task.ts';

/** REST operations of the task procedures. */
export const docs = {
  cancel: rest('POST /agent/tasks/{taskId}/cancel', {
    operationId: 'cancelTask',
    summary: 'Cancel a task',
    response: CancelledTask,
    description: 'The reply so far remains. Canceling a task that has ended has no effect.',
    errors: ['TASK_NOT_FOUND'],
  }),
};
