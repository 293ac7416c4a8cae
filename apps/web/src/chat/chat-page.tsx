import type { ChatSource } from '@it0/client/chat-source';
import { reasonOf } from '@it0/client/errors';
import { ChatScope } from '@it0/client/react/chat-scope';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';
import { useMe, usePermission } from '../sign-in/use-me.ts';
import { Button } from '../ui/button.tsx';
import { Notice } from '../ui/notice.tsx';
import { type Agent, AgentScope } from './agent.tsx';
import { ChatPanel } from './chat-panel.tsx';
import { keptDrafts } from './kept-drafts.ts';
import { assistantKey } from './recent-sessions.ts';
import { useBeginning } from './use-beginning.ts';

type Props = {
  /** The agent's conversations; the page makes them a scope of their own. */
  source: ChatSource;
  /** Names whose they are, for what is kept. */
  agentKey: string;
  /** Null for one that is not there, undefined while that is not known. */
  agent: Agent | null | undefined;
  /** What an instance is called; without it, the chat is iAgent's. */
  agentName?: string;
  error: unknown;
  session: string | undefined;
};

/** A chat: the session asked for, or where it is best begun. */
export function ChatPage({ source, agentKey, agent, agentName = 'iAgent', error: failed, session }: Props) {
  const t = useTranslations();
  const userId = useMe().data?.user.id ?? '';
  const [options] = useState(() => ({ drafts: keptDrafts(userId, agentKey) }));
  const writes = usePermission(agentKey === assistantKey ? 'assistant:use' : 'instance:use');
  const { begin, error: notFound } = useBeginning({ source, agentKey, writes }, session);
  const close = useClose();

  const error = agent === undefined ? failed : notFound;
  if (agent && begin !== undefined)
    return (
      <Panel label={agentName}>
        <AgentScope value={agent}>
          <ChatScope source={source} options={options}>
            <ChatPanel initial={begin} onClose={close} />
          </ChatScope>
        </AgentScope>
      </Panel>
    );
  const missing = agent === null;
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
