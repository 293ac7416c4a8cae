import { countOf, waitingSource } from '@it0/client/pending-approvals-store';
import { useWaiting, WaitingScope } from '@it0/client/react/pending-approvals-scope';
import { type ReactNode, useEffect } from 'react';
import { useMe } from '../../sign-in/use-me.ts';
import { client } from '../../trpc.ts';

const source = waitingSource(client);

/** Knows what waits in the organisation one works in, and shows on the window’s icon that something does. */
export function WaitingHere({ children }: { children: ReactNode }) {
  const me = useMe().data;
  return (
    <WaitingScope key={`${me?.user.id} ${me?.tenant?.id}`} source={source}>
      <Icon />
      {children}
    </WaitingScope>
  );
}

function Icon() {
  const waits = useWaiting((state) => countOf(state) > 0);
  useEffect(() => {
    const icon = document.querySelector<HTMLLinkElement>('link[rel=icon]');
    if (icon) icon.href = waits ? '/icon-waiting.svg' : '/icon.svg';
  }, [waits]);
  return null;
}
