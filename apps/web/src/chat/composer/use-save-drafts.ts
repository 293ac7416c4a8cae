import { toDraftScope } from '@it0/client/chat-source';
import type { SaveDraft } from '@it0/client/draft/draft-sync';
import { useChatScope } from '@it0/client/react/chat-scope';
import { useEffect } from 'react';
import { useAgent } from '../agent.tsx';

/** Saves the drafts when the page is hidden, and with requests that outlive the page when it is closed. */
export function useSaveDrafts() {
  const { chat } = useChatScope();
  const instanceId = useAgent().instance?.id;
  useEffect(() => {
    const abort = new AbortController();
    const { signal } = abort;
    document.addEventListener('visibilitychange', () => document.hidden && chat.saveDrafts(), { signal });
    window.addEventListener('pagehide', () => chat.saveDrafts(createLastSave(instanceId)), { signal });
    return () => abort.abort();
  }, [chat, instanceId]);
}

/** A request of the client waits for others of the same tick, and the page has no further tick. */
const createLastSave =
  (instanceId?: string): SaveDraft =>
  async ({ sessionId, ...draft }) => {
    const response = await fetch('/trpc/draft.save', {
      ...{ method: 'POST', keepalive: true, headers: { 'content-type': 'application/json' } },
      body: JSON.stringify({ ...toDraftScope(sessionId, instanceId), ...draft }),
    });
    const { result } = await response.json();
    return result.data;
  };
