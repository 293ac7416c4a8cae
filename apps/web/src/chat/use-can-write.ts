import { useChat } from '@it0/client/react/chat-scope';
import { useCanAsk } from './agent.tsx';

/** Returns whether the user may write in the open session. Sessions of other people are read-only. */
export function useCanWrite() {
  const mine = useChat((state) => state.mine);
  return useCanAsk() && mine;
}
