import type { Drafts } from '@it0/client/drafts';
import { browserStorage } from '../../browser-storage.ts';

/** Creates a storage of a user's drafts with one agent that survives a reload. */
export function createStoredDrafts(userId: string, agentKey: string): Drafts {
  const key = (sessionId: string | null) => `draft.${userId}.${agentKey}.${sessionId ?? 'new'}`;
  return {
    read: (sessionId) => browserStorage.read(key(sessionId)) ?? '',
    write: (sessionId, text) => browserStorage.write(key(sessionId), text),
  };
}
