import { countPending, pendingApprovalsSource } from '@it0/client/pending-approvals-store';
import { PendingApprovalsScope, useWaiting } from '@it0/client/react/pending-approvals-scope';
import { type ReactNode, useEffect } from 'react';
import { useMe } from '../../sign-in/use-me.ts';
import { client } from '../../trpc.ts';

const source = pendingApprovalsSource(client);

/** Knows what waits in the organization one works in, and shows on the window’s icon that something does. */
export function WaitingHere({ children }: { children: ReactNode }) {
  const me = useMe().data;
  return (
    <PendingApprovalsScope key={`${me?.user.id} ${me?.tenant?.id}`} source={source}>
      <Icon />
      {children}
    </PendingApprovalsScope>
  );
}

function Icon() {
  const waits = useWaiting((state) => countPending(state) > 0);
  useEffect(() => {
    const icon = document.querySelector<HTMLLinkElement>('link[rel=icon]');
    if (icon) icon.href = waits ? '/icon-waiting.svg' : '/icon.svg';
  }, [waits]);
  return null;
}
