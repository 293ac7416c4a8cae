import { instanceSource } from '@it0/client/chat-source';
import { reasonOf } from '@it0/client/errors';
import { ChatScope } from '@it0/client/react/chat-scope';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';
import { useInstances } from '../agents/use-instances.ts';
import { useMe } from '../sign-in/use-me.ts';
import { client } from '../trpc.ts';
import { Button } from '../ui/button.tsx';
import { Notice } from '../ui/notice.tsx';
import { ChatPanel } from './chat-panel.tsx';
import { keptDrafts } from './kept-drafts.ts';
import { useBeginning } from './use-beginning.ts';

/** The chat with one instance: the session asked for, or where it is best begun. */
export function ChatPage({ instanceId, session }: { instanceId: string; session: string | undefined }) {
  const t = useTranslations();
  const [source] = useState(() => instanceSource(client, instanceId));
  const userId = useMe().data?.user.id ?? '';
  const [options] = useState(() => ({ drafts: keptDrafts(userId, instanceId) }));
  const { begin, error: notFound } = useBeginning(instanceId, session);
  const instances = useInstances();
  const close = useClose();

  const instance = instances.data?.find(({ id }) => id === instanceId);
  const error = instances.data ? notFound : instances.error;
  if (instance && begin !== undefined)
    return (
      <Panel label={instance.name}>
        <ChatScope source={source} options={options}>
          <ChatPanel instance={instance} initial={begin} onClose={close} />
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
