import { Outlet, useMatchRoute, useParams } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { useTranslations } from 'use-intl';
import { assistantKey } from '../chat/sessions/recent-sessions.ts';
import { useMe } from '../sign-in/use-me.ts';
import { AgentList } from './list/agent-list.tsx';
import { StatusFeed } from './list/status-feed.tsx';
import { useFinishRemovals } from './manage/use-remove.ts';

/** List of agents. An open chat is shown beside it, or instead of it on small screens. */
export function AgentsPage() {
  const t = useTranslations('app');
  const { instanceId } = useParams({ strict: false });
  const inAssistant = useMatchRoute()({ to: '/assistant' }) !== false;
  const open = inAssistant ? assistantKey : instanceId;
  const tenantId = useMe().data?.tenant?.id;
  useFocusOnReturn(open);
  useFinishRemovals();
  return (
    <div className="flex h-full">
      {tenantId && <StatusFeed key={tenantId} />}
      {/* The list, and so its heading, is hidden beside a chat on small screens. */}
      {open && <h1 className="sr-only lg:hidden">{t('agents')}</h1>}
      <div
        data-area="list"
        tabIndex={-1}
        className={`relative min-w-0 flex-1 overflow-y-auto outline-none px-4 pt-3 pb-8 sm:px-6 md:pt-6 ${open ? 'hidden lg:block lg:max-w-84 xl:max-w-96' : ''}`}
      >
        <AgentList open={open} />
      </div>
      <Outlet />
    </div>
  );
}

/** Returns the focus to the agent's card when its chat is closed. */
function useFocusOnReturn(open: string | undefined) {
  const last = useRef<string>(undefined);
  useEffect(() => {
    if (!open && last.current) document.getElementById(`agent-${last.current}`)?.focus();
    last.current = open;
  }, [open]);
}
