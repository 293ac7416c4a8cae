import { v7 as uuid } from 'uuid';
import type { ChatSource } from './chat-source.ts';
import { type NewMessage, toBranch } from './send-queue.ts';
import type { Thread } from './thread.ts';

/** Creates the changes of messages that wait on the server. */
export const createQueueChanges = (source: ChatSource, getThread: () => Thread) => ({
  editQueued: source.editQueued,
  moveQueued: source.moveQueued,
  sendQueuedNow: source.sendQueuedNow,
  /**
   * Returns a function that sends a message that was removed from the queue of the session that is open now again, with
   * its files, before the message of a task.
   */
  captureRequeue() {
    const { sessionId, chat } = getThread();
    const requestId = uuid();
    return async ({ text, attachments }: Pick<NewMessage, 'text' | 'attachments'>, beforeTaskId: string | null) => {
      if (!sessionId) return;
      const attachmentIds = attachments.length > 0 ? attachments.map(({ id }) => id) : undefined;
      const message = { sessionId, ...toBranch(chat), message: text, requestId, attachmentIds };
      const { taskId } = await source.createTask(message);
      if (beforeTaskId) await source.moveQueued(taskId, beforeTaskId);
    };
  },
});
