import type { LocalDraft, LocalDrafts } from '@it0/client/draft/local-drafts';
import type { LocalMessages } from '@it0/client/unsent-messages';
import { browserStorage } from '../../browser-storage.ts';

/** Creates a storage of a user's drafts with one agent that survives a reload. */
export function createStoredDrafts(userId: string, agentKey: string): LocalDrafts {
  const key = (sessionId: string | null) => `draft.${userId}.${agentKey}.${sessionId ?? 'new'}`;
  return {
    read: (sessionId) => parse(browserStorage.read(key(sessionId))),
    write: (sessionId, draft) => browserStorage.write(key(sessionId), draft ? JSON.stringify(draft) : ''),
  };
}

/** Creates a storage of a user's unsent messages to one agent that survives a reload. */
export function createStoredMessages(userId: string, agentKey: string): LocalMessages {
  // Among the drafts, so that they are deleted with these when the person signs out.
  const key = `draft.${userId}.${agentKey}.unsent`;
  return {
    read() {
      try {
        const messages = JSON.parse(browserStorage.read(key) ?? '[]');
        return Array.isArray(messages) ? messages : [];
      } catch {
        return [];
      }
    },
    write: (messages) => browserStorage.write(key, messages.length > 0 ? JSON.stringify(messages) : ''),
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
