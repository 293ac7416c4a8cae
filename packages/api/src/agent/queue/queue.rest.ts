import { rest } from '../../rest/rest.ts';

const errors = ['TASK_NOT_FOUND', 'TASK_STARTED', 'TASK_ENDED'] as const;

/** REST operations of the queue procedures. */
export const docs = {
  edit: rest('PUT /agent/tasks/{taskId}/message', {
    operationId: 'editQueuedMessage',
    summary: 'Change a message of yours that waits behind another one',
    errors: [...errors, 'ATTACHMENT_NOT_FOUND', 'ATTACHMENT_TOO_LARGE'],
  }),
  move: rest('POST /agent/tasks/{taskId}/move', {
    operationId: 'moveQueuedMessage',
    summary: 'Move a message of yours to another position among those that wait',
    errors: [...errors],
  }),
  sendNow: rest('POST /agent/tasks/{taskId}/send-now', {
    operationId: 'sendQueuedMessageNow',
    summary: 'Cancel the running task, and send a message of yours that waits as the next one',
    errors: [...errors],
  }),
};
