import type { DurableEvent, TaskStatus } from '@it0/contracts/chat-event';
import { AppError } from '../../errors.ts';

/** The statuses of a task that has not ended. */
export const OPEN_STATUSES = ['QUEUED', 'DISPATCHED', 'RUNNING', 'WAITING_APPROVAL'] as const satisfies TaskStatus[];

/** Counts the open tasks without those that wait behind another one: each session has at most one that does not. */
export const countRunning = (openTasks: { sessionId: string }[]) =>
  new Set(openTasks.map(({ sessionId }) => sessionId)).size;

/** An event as the log stores it, without the fields that have their own columns. */
export type NewEvent = DurableEvent extends infer Event
  ? Event extends DurableEvent
    ? Omit<Event, 'seq' | 'at' | 'taskId'>
    : never
  : never;

export const taskNotFound = () => new AppError('TASK_NOT_FOUND', 'Task not found.');
