import type { DurableEvent, TaskStatus } from '@it0/contracts/chat-event';
import { AppError } from '../../errors.ts';

/** The states of a task that is not over. */
export const running = ['QUEUED', 'DISPATCHED', 'RUNNING', 'WAITING_APPROVAL'] as const satisfies TaskStatus[];

/** How long a task may take once it has been handed to its bridge. */
export const TASK_MINUTES = 30;

/** An event as the log stores it: less what stands in columns of its own. */
export type NewEvent = DurableEvent extends infer Event
  ? Event extends DurableEvent
    ? Omit<Event, 'seq' | 'at' | 'taskId'>
    : never
  : never;

export const taskNotFound = () => new AppError('TASK_NOT_FOUND', 'There is no such task.');
