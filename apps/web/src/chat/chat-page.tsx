import { instanceSource, type Session } from '@it0/client/chat-source';
import { reasonOf } from '@it0/client/errors';
import { ChatScope } from '@it0/client/react/chat-scope';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';
import { useInstances } from '../agents/use-instances.ts';
import { client, trpc } from '../trpc.ts';
import { Button } from '../ui/button.tsx';
import { Notice } from '../ui/notice.tsx';
import { ChatPanel } from './chat-panel.tsx';
import { keptDrafts } from './kept-drafts.ts';

/** So many sessions are looked at for one that waits for a decision. */
const recent = 20;

/** The chat with one instance: the session asked for, else one that waits for a decision, else the latest, else a new one. */
export function ChatPage({ instanceId, session }: { instanceId: string; session: string | undefined }) {
  const t = useTranslations();
  const [source] = useState(() => instanceSource(client, instanceId));
  const [options] = useState(() => ({ drafts: keptDrafts(instanceId) }));
  const [asked] = useState(session);
  const latest = trpc.instance.sessions.useQuery(
    { instanceId, limit: recent },
    { enabled: !asked, gcTime: 0, staleTime: Number.POSITIVE_INFINITY },
  );
  const instances = useInstances();
  const close = useClose();

  const instance = instances.data?.find(({ id }) => id === instanceId);
  const error = instances.data ? latest.error : instances.error;
  const ready = instance && (asked || latest.data);
  if (ready)
    return (
      <Panel label={instance.name}>
        <ChatScope source={source} options={options}>
          <ChatPanel instance={instance} initial={asked ?? whereToBegin(latest.data?.items ?? [])} onClose={close} />
        </ChatScope>
      </Panel>
    );
  const missing = instances.data && !instance;
  return (
    <Panel label={t('chat.conversation')}>
      {missing || error ? (
        <Notice role="alert" title={t('chat.refused')}>
          <p>{t(`reasons.${missing ? 'INSTANCE_NOT_FOUND' : (reasonOf(error) ?? 'INTERNAL')}`)}</p>
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

const whereToBegin = (sessions: Session[]) =>
  (sessions.find(({ pendingApprovals }) => pendingApprovals > 0) ?? sessions[0])?.id ?? null;

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
