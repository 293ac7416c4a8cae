import type { ChatSource } from '@it0/client/chat-source';
import { getReason } from '@it0/client/errors';
import { ChatScope } from '@it0/client/react/chat-scope';
import { type ReactNode, useState } from 'react';
import { useTranslations } from 'use-intl';
import { useMe, usePermission } from '../sign-in/use-me.ts';
import { Button } from '../ui/button.tsx';
import { Notice } from '../ui/notice.tsx';
import { type Agent, AgentScope } from './agent.tsx';
import type { ChatLocation } from './chat-location.ts';
import { ChatPanel } from './chat-panel.tsx';
import { createStoredDrafts, createStoredEdits, createStoredMessages } from './composer/stored-drafts.ts';
import { assistantKey } from './sessions/recent-sessions.ts';
import { useInitialSession } from './sessions/use-initial-session.ts';

type Props = {
  /** Sessions of the agent. */
  source: ChatSource;
  /** Key of the agent in caches and stored drafts. */
  agentKey: string;
  /** Null if the agent does not exist, undefined while it is loading. */
  agent: Agent | null | undefined;
  /** Name of the instance; defaults to iAgent. */
  agentName?: string;
  error: unknown;
  location: ChatLocation;
};

/** Chat that opens the session of its location, or else the most useful one. */
export function ChatPage({ source, agentKey, agent, agentName = 'iAgent', error: agentError, location }: Props) {
  const t = useTranslations();
  const { data: me } = useMe();
  const [options] = useState(() => {
    const userId = me?.user.id ?? '';
    // There is one iAgent per organization.
    const key = agentKey === assistantKey ? `${agentKey}.${me?.tenant?.id}` : agentKey;
    return {
      drafts: createStoredDrafts(userId, key),
      edits: createStoredEdits(userId, key),
      messages: createStoredMessages(userId, key),
    };
  });
  const canAsk = usePermission(agentKey === assistantKey ? 'assistant:use' : 'instance:use');
  const { initial, error: sessionError } = useInitialSession({ source, agentKey, canAsk }, location.session);

  const error = agent === undefined ? agentError : sessionError;
  if (agent && initial !== undefined)
    return (
      <Panel label={agentName} location={location}>
        <AgentScope value={agent}>
          <ChatScope source={source} options={options}>
            <ChatPanel initial={initial} location={location} />
          </ChatScope>
        </AgentScope>
      </Panel>
    );
  const missing = agent === null;
  return (
    <Panel label={t('chat.conversation')} location={location}>
      {missing || error ? (
        <Notice role="alert" title={t(missing ? 'chat.gone' : 'chat.refused')}>
          <p className="first-letter:uppercase">
            {missing ? t('chat.goneBody') : t(`reasons.${getReason(error) ?? 'INTERNAL'}`)}
          </p>
          <Button onClick={location.close}>{t('app.back')}</Button>
        </Notice>
      ) : null}
    </Panel>
  );
}

type PanelProps = { label: string; location: ChatLocation; children: ReactNode };

/** Container of a chat. The side panel is shown on wide screens only. */
const Panel = ({ label, location, children }: PanelProps) => (
  <section
    aria-label={label}
    data-area="chat"
    tabIndex={-1}
    className={`@container/chat relative h-full min-w-0 flex-1 outline-none animate-slide-in flex-col overflow-hidden border-line bg-panel lg:border-l ${location.isSidePanel ? 'hidden xl:flex' : 'flex'}`}
  >
    {children}
  </section>
);
