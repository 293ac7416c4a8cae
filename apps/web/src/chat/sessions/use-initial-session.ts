import type { ChatSource, Session } from '@it0/client/chat-source';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { usePermission } from '../../sign-in/use-me.ts';
import { recentSessions } from './recent-sessions.ts';

/** How soon somebody who can only watch sees that there is something to watch, in milliseconds. */
const lookAgain = 2_000;

/**
 * The session that a chat begins with: the one asked for, or where it is best begun. Null is a new one, and undefined not
 * known yet. Once found it stays, whatever comes after it.
 */
export function useInitialSession(sessions: { source: ChatSource; agentKey: string; writes: boolean }, asked?: string) {
  const { source, agentKey, writes } = sessions;
  const decides = usePermission('approval:decide');
  const [begin, setBegin] = useState<string | null | undefined>(asked);
  const { data, error } = useQuery({
    ...recentSessions(source, agentKey),
    ...{ enabled: begin === undefined, gcTime: 0, staleTime: Number.POSITIVE_INFINITY },
    refetchInterval: lookAgain,
  });
  const found = data && whereToBegin(data.items, { writes, decides });
  // Whoever can only watch waits for the first session there is.
  if (begin === undefined && (found || (found === null && writes))) setBegin(found);
  return { begin: begin ?? found, error };
}

/**
 * One that waits for a decision this person may make, else their own latest, else a new one. Whoever cannot write
 * watches the latest.
 */
function whereToBegin(sessions: Session[], { writes, decides }: { writes: boolean; decides: boolean }) {
  const waiting = decides && sessions.find(({ pendingApprovals }) => pendingApprovals > 0);
  const latest = sessions.find(({ mine }) => mine || !writes);
  return (waiting || latest)?.id ?? null;
}
