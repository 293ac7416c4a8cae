import { useChat, useChatScope } from '@it0/client/react/chat-scope';
import { useQuery } from '@tanstack/react-query';
import { useAgent } from '../agent.tsx';
import { assistantKey } from './recent-sessions.ts';

/** Returns the title of the open session, if it is one of the latest. */
export function useSessionTitle() {
  const { source } = useChatScope();
  const { instance } = useAgent();
  const sessionId = useChat((state) => state.sessionId);
  const { data } = useQuery({
    // Each session reads the list, so that it contains one that was just started.
    queryKey: ['sessions', instance?.id ?? assistantKey, 'title', sessionId],
    queryFn: () => source.listSessions({ limit: 20 }),
    enabled: sessionId !== null,
    staleTime: 30_000,
  });
  return data?.items.find(({ id }) => id === sessionId)?.title;
}
