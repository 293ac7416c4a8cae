import { useChat } from '@it0/client/react/chat-scope';
import { useCanAsk } from './agent.tsx';

/** Whether the person may write in the open session: others' are for reading. */
export function useCanWrite() {
  const mine = useChat((state) => state.mine);
  return useCanAsk() && mine;
}
