import type { ChatSource } from '@it0/client/chat-source';
import { queryOptions } from '@tanstack/react-query';

/** Query of the latest 20 sessions, from which a chat picks its initial one. `agentKey` identifies the agent. */
export const recentSessions = (source: ChatSource, agentKey: string) =>
  queryOptions({ queryKey: ['sessions', agentKey, 'recent'], queryFn: () => source.listSessions({ limit: 20 }) });

/** Key of iAgent where instances use their id. */
export const assistantKey = 'assistant';
