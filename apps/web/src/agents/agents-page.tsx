import { getReason } from '@it0/client/errors';
import { Outlet, useMatchRoute, useParams } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { useTranslations } from 'use-intl';
import { RulesButton } from '../approvals/rules/rules-button.tsx';
import { assistantKey } from '../chat/sessions/recent-sessions.ts';
import { ShareButton } from '../share/share-button.tsx';
import { useMe, usePermission } from '../sign-in/use-me.ts';
import { Button } from '../ui/button.tsx';
import { Notice } from '../ui/notice.tsx';
import { AgentCard } from './agent-card.tsx';
import { AssistantCard } from './assistant-card.tsx';
import { ManageButton } from './manage-button.tsx';
import { NewAgentButton } from './new-agent-button.tsx';
import { StatusFeed } from './status-feed.tsx';
import { useAssistant } from './use-assistant.ts';
import { useInstances } from './use-instances.ts';

/** List of agents. An open chat is shown beside it, or instead of it on small screens. */
export function AgentsPage() {
  const { instanceId } = useParams({ strict: false });
  const inAssistant = useMatchRoute()({ to: '/assistant' }) !== false;
  const open = inAssistant ? assistantKey : instanceId;
  const t = useTranslations('app');
  const tenantId = useMe().data?.tenant?.id;
  useFocusOnReturn(open);
  return (
    <div className="flex h-full">
      {tenantId && <StatusFeed key={tenantId} />}
      {/* The list, and so its heading, is hidden beside a chat on small screens. */}
      {open && <h1 className="sr-only lg:hidden">{t('agents')}</h1>}
      <div
        className={`min-w-0 flex-1 overflow-y-auto px-4 pt-3 pb-8 sm:px-6 md:pt-6 ${open ? 'hidden lg:block lg:max-w-84 xl:max-w-96' : ''}`}
      >
        <AgentList open={open} />
      </div>
      <Outlet />
    </div>
  );
}

function AgentList({ open }: { open: string | undefined }) {
  const t = useTranslations();
  const { data, error, isPending, refetch } = useInstances();
  const assistant = useAssistant().data;
  const canManage = usePermission('instance:manage');
  return (
    <>
      <div className="mb-4 flex min-h-9 items-center justify-between gap-4">
        <h1 className="min-w-0 font-semibold text-2xl tracking-tight">{t('app.agents')}</h1>
        {canManage && <NewAgentButton variant={data?.length === 0 ? 'solid' : 'outline'} />}
      </div>
      {error && data && (
        <p role="status" className="mb-4 rounded-lg bg-warn-wash px-4 py-2 text-sm text-warn">
          {t('app.offline')}
        </p>
      )}
      {error && !data && (
        <Notice role="alert" title={t('agents.failed')}>
          <p>{t(`reasons.${getReason(error) ?? 'INTERNAL'}`)}</p>
          <Button onClick={() => void refetch()}>{t('app.retry')}</Button>
        </Notice>
      )}
      {data?.length === 0 && (
        <Notice title={t('agents.empty')}>
          <p>{t(canManage ? 'agents.emptyBody' : 'agents.emptyShared')}</p>
        </Notice>
      )}
      <ul aria-busy={isPending} className="grid grid-cols-[repeat(auto-fill,minmax(min(100%,19rem),1fr))] gap-3">
        {isPending && [0, 1, 2].map((n) => <li key={n} className="h-36 animate-breathe rounded-xl bg-raised" />)}
        {data && assistant && assistant.status !== 'STOPPED' && (
          <li>
            <AssistantCard assistant={assistant} open={open === assistantKey} />
          </li>
        )}
        {data?.map((instance) => (
          <li key={instance.id} className="relative">
            <AgentCard instance={instance} open={instance.id === open} />
            <div className="absolute right-2 bottom-2 flex">
              <RulesButton instance={instance} />
              <ShareButton instance={instance} />
              <ManageButton instance={instance} />
            </div>
          </li>
        ))}
      </ul>
    </>
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
