import { useChat } from '@it0/client/react/chat-scope';
import { useAsks } from './agent.tsx';

/** Whether the person may write in the open session: others' are for reading. */
export function useWrites() {
  const mine = useChat((state) => state.mine);
  return useAsks() && mine;
}
