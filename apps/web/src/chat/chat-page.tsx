import { instanceSource, type Session } from '@it0/client/chat-source';
import { reasonOf } from '@it0/client/errors';
import { ChatScope } from '@it0/client/react/chat-scope';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';
import { useInstances } from '../agents/use-instances.ts';
import { usePermission } from '../sign-in/use-me.ts';
import { client, trpc } from '../trpc.ts';
import { Button } from '../ui/button.tsx';
import { Notice } from '../ui/notice.tsx';
import { ChatPanel } from './chat-panel.tsx';
import { keptDrafts } from './kept-drafts.ts';
import { recentSessions } from './recent-sessions.ts';

/** How soon somebody who can only watch sees that there is something to watch, in milliseconds. */
const lookAgain = 2_000;

/** The chat with one instance: the session asked for, or where it is best begun. */
export function ChatPage({ instanceId, session }: { instanceId: string; session: string | undefined }) {
  const t = useTranslations();
  const [source] = useState(() => instanceSource(client, instanceId));
  const [options] = useState(() => ({ drafts: keptDrafts(instanceId) }));
  const [asked] = useState(session);
  const writes = usePermission('instance:use');
  const decides = usePermission('approval:decide');
  const latest = trpc.instance.sessions.useQuery(recentSessions(instanceId), {
    ...{ enabled: !asked, gcTime: 0, staleTime: Number.POSITIVE_INFINITY },
    refetchInterval: ({ state }) => !writes && state.data?.items.length === 0 && lookAgain,
  });
  const instances = useInstances();
  const close = useClose();

  const instance = instances.data?.find(({ id }) => id === instanceId);
  const error = instances.data ? latest.error : instances.error;
  const ready = instance && (asked || latest.data);
  const initial = asked ?? whereToBegin(latest.data?.items ?? [], { writes, decides });
  if (ready)
    return (
      <Panel label={instance.name}>
        <ChatScope source={source} options={options}>
          <ChatPanel instance={instance} initial={initial} onClose={close} />
        </ChatScope>
      </Panel>
    );
  const missing = instances.data && !instance;
  return (
    <Panel label={t('chat.conversation')}>
      {missing || error ? (
        <Notice role="alert" title={t(missing ? 'chat.gone' : 'chat.refused')}>
          <p>{missing ? t('chat.goneBody') : t(`reasons.${reasonOf(error) ?? 'INTERNAL'}`)}</p>
          <Button onClick={close}>{t('app.back')}</Button>
        </Notice>
      ) : null}
    </Panel>
  );
}

const Panel = ({ label, children }: { label: string; children: ReactNode }) => (
  <section
    aria-label={label}
    className="relative flex h-full min-w-0 flex-1 animate-slide-in flex-col overflow-hidden border-line bg-panel lg:border-l"
  >
    {children}
  </section>
);

/**
 * One that waits for a decision this person may make, else their own latest, else a new one. Whoever cannot write
 * watches the latest.
 */
function whereToBegin(sessions: Session[], { writes, decides }: { writes: boolean; decides: boolean }) {
  const waiting = decides && sessions.find(({ pendingApprovals }) => pendingApprovals > 0);
  const latest = sessions.find(({ mine }) => mine || !writes);
  return (waiting || latest)?.id ?? null;
}

/** Back to the list, by Escape too unless something nearer took the key. */
function useClose() {
  const navigate = useNavigate();
  const [close] = useState(() => () => void navigate({ to: '/' }));
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && !event.defaultPrevented && !event.isComposing) close();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [close]);
  return close;
}
