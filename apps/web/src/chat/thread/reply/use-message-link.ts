import { useChat } from '@it0/client/react/chat-scope';
import { useAgent } from '../../agent.tsx';

/** Returns a function that creates the address of a task's message in the open session. */
export function useMessageLink() {
  const { instance } = useAgent();
  const session = useChat((state) => state.sessionId);
  return (taskId: string) => {
    const url = new URL(instance ? `/agents/${instance.id}` : '/assistant', location.origin);
    if (session) url.searchParams.set('session', session);
    url.searchParams.set('message', taskId);
    return url.href;
  };
}
