import type { ChatEvent, DurableEvent, TaskStatus } from './chat-event.ts';

/** Returns whether a task in this status has ended. */
export const isTerminal = (status: TaskStatus) =>
  status === 'COMPLETED' || status === 'FAILED' || status === 'TIMED_OUT' || status === 'CANCELLED';

/** Returns whether an event is stored in the log. */
export const isDurable = (event: ChatEvent): event is DurableEvent => 'seq' in event;

/** The `decidedByRule` of an approval that was denied because too many of its task were pending. */
export const PENDING_LIMIT = 'the limit of pending approvals of a task';
