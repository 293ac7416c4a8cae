import type { Drafts } from '@it0/client/drafts';
import { kept } from '../../browser-storage.ts';

/** A person's drafts that outlive the page, one for each session with an agent. */
export function keptDrafts(userId: string, agentKey: string): Drafts {
  const key = (sessionId: string | null) => `draft.${userId}.${agentKey}.${sessionId ?? 'new'}`;
  return {
    read: (sessionId) => kept.read(key(sessionId)) ?? '',
    write: (sessionId, text) => kept.write(key(sessionId), text),
  };
}
