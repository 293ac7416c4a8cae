import type { LocalDraft, LocalDrafts } from '@it0/client/draft/local-drafts';
import { browserStorage } from '../../browser-storage.ts';

/** Creates a storage of a user's drafts with one agent that survives a reload. */
export function createStoredDrafts(userId: string, agentKey: string): LocalDrafts {
  const key = (sessionId: string | null) => `draft.${userId}.${agentKey}.${sessionId ?? 'new'}`;
  return {
    read: (sessionId) => parse(browserStorage.read(key(sessionId))),
    write: (sessionId, draft) => browserStorage.write(key(sessionId), draft ? JSON.stringify(draft) : ''),
  };
}

function parse(stored: string | null): LocalDraft | null {
  if (!stored) return null;
  try {
    const { text, attachments, revision, isSaved } = JSON.parse(stored);
    if (typeof text === 'string' && Array.isArray(attachments) && typeof revision === 'number')
      return { text, attachments, revision, isSaved: isSaved === true };
  } catch {
    // Earlier versions stored the text alone.
  }
  return { text: stored, attachments: [], revision: 0, isSaved: false };
}
