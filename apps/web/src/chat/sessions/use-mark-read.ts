import { useChat } from '@it0/client/react/chat-scope';
import { useEffect, useRef } from 'react';
import { client } from '../../trpc.ts';

/** A reply can have several events a second. */
const DELAY_MS = 1_500;

/** Records that the user has read the open session, as long as its page is visible. */
export function useMarkRead() {
  const sessionId = useChat((state) => (state.phase === 'ready' ? state.sessionId : null));
  const seq = useChat((state) => state.seq);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const latest = useRef({ sessionId, seq });
  latest.current = { sessionId, seq };
  useEffect(() => {
    if (!sessionId || seq === 0) return;
    const mark = () => {
      if (document.visibilityState !== 'visible' || timer.current) return;
      timer.current = setTimeout(() => {
        timer.current = undefined;
        const read = latest.current;
        // The next event, or the next visit, tries again.
        if (read.sessionId)
          client.session.markRead.mutate({ sessionId: read.sessionId, seq: read.seq }).catch(() => {});
      }, DELAY_MS);
    };
    mark();
    document.addEventListener('visibilitychange', mark);
    return () => document.removeEventListener('visibilitychange', mark);
  }, [sessionId, seq]);
}
