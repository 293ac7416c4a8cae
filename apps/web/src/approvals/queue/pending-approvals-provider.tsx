import { countPending, createPendingApprovalsSource } from '@it0/client/pending-approvals-store';
import { PendingApprovalsScope, usePendingApprovals } from '@it0/client/react/pending-approvals-scope';
import { type ReactNode, useEffect } from 'react';
import { useMe } from '../../sign-in/use-me.ts';
import { client } from '../../trpc.ts';
import { useTitleCount } from '../../ui/use-title.ts';
import { DesktopNotifications } from './desktop-notifications.tsx';

const source = createPendingApprovalsSource(client);

/** Provides the pending approvals of the current organization, and marks the page's icon and title while there are any. */
export function PendingApprovalsProvider({ children }: { children: ReactNode }) {
  const me = useMe().data;
  return (
    <PendingApprovalsScope key={`${me?.user.id} ${me?.tenant?.id}`} source={source}>
      <PageIcon />
      <DesktopNotifications />
      {children}
    </PendingApprovalsScope>
  );
}

function PageIcon() {
  const count = usePendingApprovals(countPending);
  const hasPending = count > 0;
  useTitleCount(count);
  useEffect(() => {
    const icon = document.querySelector<HTMLLinkElement>('link[rel=icon]');
    if (icon) icon.href = hasPending ? '/icon-waiting.svg' : '/icon.svg';
  }, [hasPending]);
  return null;
}
