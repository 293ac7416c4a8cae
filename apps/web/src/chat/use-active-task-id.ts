import { useChat } from '@it0/client/react/chat-scope';
import { isTerminal } from '@it0/contracts/event-kinds';

/** Returns the id of the first open task in the session, running or queued, or null. */
export const useActiveTaskId = () =>
  useChat(({ turns }) => turns.find(({ reply }) => reply && !isTerminal(reply.status))?.taskId ?? null);
