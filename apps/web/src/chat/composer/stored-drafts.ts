import type { LocalDraft, LocalDrafts } from '@it0/client/draft/local-drafts';
import type { LocalEdits } from '@it0/client/draft/message-edits';
import type { LocalMessages } from '@it0/client/unsent-messages';
import { browserStorage } from '../../browser-storage.ts';

/** Creates a storage of a user's drafts with one agent that survives a reload. */
export function createStoredDrafts(userId: string, agentKey: string): LocalDrafts {
  const key = (sessionId: string | null) => `draft.${userId}.${agentKey}.${sessionId ?? 'new'}`;
  return {
    read: (sessionId) => parseDraft(browserStorage.read(key(sessionId))),
    write: (sessionId, draft) => browserStorage.write(key(sessionId), draft ? JSON.stringify(draft) : ''),
  };
}

// The keys of what follows begin like those of drafts, so that all are deleted when the person signs out.

/** Creates a storage of the messages to one agent that a user is editing that survives a reload. */
export function createStoredEdits(userId: string, agentKey: string): LocalEdits {
  const key = (sessionId: string) => `draft.${userId}.${agentKey}.edit.${sessionId}`;
  return {
    read(sessionId) {
      const edit = parseJson(browserStorage.read(key(sessionId)));
      return typeof edit?.text === 'string' && Array.isArray(edit.attachments) ? edit : null;
    },
    write: (sessionId, edit) => browserStorage.write(key(sessionId), edit ? JSON.stringify(edit) : ''),
  };
}

/** Creates a storage of a user's unsent messages to one agent that survives a reload. */
export function createStoredMessages(userId: string, agentKey: string): LocalMessages {
  const key = `draft.${userId}.${agentKey}.unsent`;
  return {
    read() {
      const messages = parseJson(browserStorage.read(key));
      return Array.isArray(messages) ? messages : [];
    },
    write: (messages) => browserStorage.write(key, messages.length > 0 ? JSON.stringify(messages) : ''),
  };
}

function parseDraft(stored: string | null): LocalDraft | null {
  if (!stored) return null;
  const draft = parseJson(stored);
  if (typeof draft?.text === 'string' && Array.isArray(draft.attachments) && typeof draft.revision === 'number') {
    const { text, attachments, revision, isSaved } = draft;
    return { text, attachments, revision, isSaved: isSaved === true };
  }
  // Earlier versions stored the text alone.
  return { text: stored, attachments: [], revision: 0, isSaved: false };
}

function parseJson(stored: string | null) {
  try {
    return JSON.parse(stored ?? 'null');
  } catch {
    return null;
  }
}
