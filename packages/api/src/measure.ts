import type { TaskStatus } from '@it0/contracts/chat-event';

/** What is counted of the tasks, for whoever watches this server. */
export type Measure = {
  /** A bridge took a task, so long after the person sent it; behind others of its session it waits. */
  dispatched(seconds: number): void;
  ended(status: TaskStatus): void;
};
