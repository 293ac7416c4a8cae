import { useChat } from '@it0/client/react/chat-scope';
import { isTerminal } from '@it0/contracts/chat-event';

/** The task that runs in the open session, or the first that waits to. */
export const useRunning = () =>
  useChat(({ turns }) => turns.find(({ reply }) => reply && !isTerminal(reply.status))?.taskId ?? null);
