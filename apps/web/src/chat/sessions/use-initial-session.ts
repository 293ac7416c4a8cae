import type { ChatSource, Session } from '@it0/client/chat-source';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { usePermission } from '../../sign-in/use-me.ts';
import { recentSessions } from './recent-sessions.ts';

/** Interval in which a user without write access checks for a first session. */
const POLL_MS = 2_000;

/**
 * Returns the session that a chat opens first: `requested`, or else the result of `pickSession`. Null is a new
 * session, undefined for a list that is still loading. The result does not change later.
 */
export function useInitialSession(
  { source, agentKey, canAsk }: { source: ChatSource; agentKey: string; canAsk: boolean },
  requested?: string,
) {
  const canDecide = usePermission('approval:decide');
  const [initial, setInitial] = useState<string | null | undefined>(requested);
  const { data, error } = useQuery({
    ...recentSessions(source, agentKey),
    ...{ enabled: initial === undefined, gcTime: 0, staleTime: Number.POSITIVE_INFINITY },
    refetchInterval: POLL_MS,
  });
  const picked = data && pickSession(data.items, { canAsk, canDecide });
  // A user without write access waits for the first session of another person.
  if (initial === undefined && (picked || (picked === null && canAsk))) setInitial(picked);
  return { initial: initial ?? picked, error };
}

/**
 * Picks a session with a pending approval that the user may decide, else their own latest one, else a new one. Users
 * without write access get the latest session of anyone.
 */
function pickSession(sessions: Session[], { canAsk, canDecide }: { canAsk: boolean; canDecide: boolean }) {
  const withApproval = canDecide && sessions.find(({ pendingApprovals }) => pendingApprovals > 0);
  const [latest] = sessions
    .filter(({ mine }) => mine || !canAsk)
    .sort((a, b) => b.lastActiveAt.localeCompare(a.lastActiveAt));
  return (withApproval || latest)?.id ?? null;
}
