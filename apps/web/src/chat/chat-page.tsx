import type { ChatSource } from '@it0/client/chat-source';
import { getReason } from '@it0/client/errors';
import { ChatScope } from '@it0/client/react/chat-scope';
import { type ReactNode, useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';
import { useMe, usePermission } from '../sign-in/use-me.ts';
import { Button } from '../ui/button.tsx';
import { Notice } from '../ui/notice.tsx';
import { type Agent, AgentScope } from './agent.tsx';
import type { ChatLocation } from './chat-location.ts';
import { ChatPanel } from './chat-panel.tsx';
import { keptDrafts } from './composer/stored-drafts.ts';
import { assistantKey } from './sessions/recent-sessions.ts';
import { useInitialSession } from './sessions/use-initial-session.ts';

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
  place: ChatLocation;
};

/** A chat: the session asked for, or where it is best begun. */
export function ChatPage({ source, agentKey, agent, agentName = 'iAgent', error: failed, place }: Props) {
  const t = useTranslations();
  const userId = useMe().data?.user.id ?? '';
  const [options] = useState(() => ({ drafts: keptDrafts(userId, agentKey) }));
  const writes = usePermission(agentKey === assistantKey ? 'assistant:use' : 'instance:use');
  const { begin, error: notFound } = useInitialSession({ source, agentKey, writes }, place.session);
  useEscape(place);

  const error = agent === undefined ? failed : notFound;
  if (agent && begin !== undefined)
    return (
      <Panel label={agentName} place={place}>
        <AgentScope value={agent}>
          <ChatScope source={source} options={options}>
            <ChatPanel initial={begin} place={place} />
          </ChatScope>
        </AgentScope>
      </Panel>
    );
  const missing = agent === null;
  return (
    <Panel label={t('chat.conversation')} place={place}>
      {missing || error ? (
        <Notice role="alert" title={t(missing ? 'chat.gone' : 'chat.refused')}>
          <p>{missing ? t('chat.goneBody') : t(`reasons.${getReason(error) ?? 'INTERNAL'}`)}</p>
          <Button onClick={place.close}>{t('app.back')}</Button>
        </Notice>
      ) : null}
    </Panel>
  );
}

type PanelProps = { label: string; place: ChatLocation; children: ReactNode };

/** What stands beside is for screens that have room for both. */
const Panel = ({ label, place, children }: PanelProps) => (
  <section
    aria-label={label}
    className={`relative h-full min-w-0 flex-1 animate-slide-in flex-col overflow-hidden border-line bg-panel lg:border-l ${place.isSidePanel ? 'hidden xl:flex' : 'flex'}`}
  >
    {children}
  </section>
);

/** Escape leads back to the list, unless something nearer took the key. */
function useEscape({ isSidePanel, close }: ChatLocation) {
  useEffect(() => {
    if (isSidePanel) return;
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && !event.defaultPrevented && !event.isComposing) close();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [isSidePanel, close]);
}
