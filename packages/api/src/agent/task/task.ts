import type { DurableEvent, TaskStatus } from '@it0/contracts/chat-event';
import { AppError } from '../../errors.ts';

/** The states of a task that is not over. */
export const openStatuses = ['QUEUED', 'DISPATCHED', 'RUNNING', 'WAITING_APPROVAL'] as const satisfies TaskStatus[];

/** An event as the log stores it: less what stands in columns of its own. */
export type NewEvent = DurableEvent extends infer Event
  ? Event extends DurableEvent
    ? Omit<Event, 'seq' | 'at' | 'taskId'>
    : never
  : never;

export const taskNotFound = () => new AppError('TASK_NOT_FOUND', 'There is no such task.');
