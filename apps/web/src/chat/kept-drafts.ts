import type { Drafts } from '@it0/client/drafts';
import { kept } from '../kept.ts';

/** Drafts that outlive the page, one for each session with an agent. */
export function keptDrafts(instanceId: string): Drafts {
  const key = (sessionId: string | null) => `draft.${instanceId}.${sessionId ?? 'new'}`;
  return {
    read: (sessionId) => kept.read(key(sessionId)) ?? '',
    write: (sessionId, text) => kept.write(key(sessionId), text),
  };
}
