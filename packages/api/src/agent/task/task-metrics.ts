import type { TaskStatus } from '@it0/contracts/chat-event';

/** Metrics of tasks, implemented by the server. */
export type TaskMetrics = {
  /** Records that a bridge accepted a task, `seconds` after the message was sent, including time in the queue. */
  dispatched(seconds: number): void;
  ended(status: TaskStatus): void;
};
