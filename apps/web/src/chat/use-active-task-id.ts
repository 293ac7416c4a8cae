import { useChat } from '@it0/client/react/chat-scope';
import type { Turn } from '@it0/client/reduce-chat';
import { isTerminal } from '@it0/contracts/event-kinds';

/** Finds the first turn of the session whose task is open, running or queued. */
export const findActiveTurn = (turns: Turn[]): Turn | undefined =>
  turns.find(({ reply }) => reply && !isTerminal(reply.status));

/** Returns the id of the first open task in the session, running or queued, or null. */
export const useActiveTaskId = () => useChat(({ turns }) => findActiveTurn(turns)?.taskId ?? null);
