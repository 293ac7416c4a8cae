import type { ChatSource } from '@it0/client/chat-source';
import { queryOptions } from '@tanstack/react-query';

/** The sessions among which a chat finds where to begin: so many are looked at. `agentKey` names whose they are. */
export const recentSessions = (source: ChatSource, agentKey: string) =>
  queryOptions({ queryKey: ['sessions', agentKey, 'recent'], queryFn: () => source.listSessions({ limit: 20 }) });

/** What iAgent goes by where instances go by their ids. */
export const assistantKey = 'assistant';
