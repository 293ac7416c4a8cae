import type { TaskStatus } from './chat-event.ts';
import type { Reason } from './reasons.ts';
import type { Part } from './reply.ts';

/** One persisted turn. An assistant's message has its task's id: one task has one reply. */
export type Message = {
  id: string;
  role: 'user' | 'assistant';
  taskId: string;
  /** The client's name for the request, of a person's own message. */
  requestId: string | null;
  parts: Part[];
  /** How the task ended; null for a person's own message. */
  status: TaskStatus | null;
  reason: Reason | null;
  detail: string | null;
  /** The reply came after the task had timed out. */
  late: boolean;
  createdAt: string;
};
