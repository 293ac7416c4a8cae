import { reasonOf } from '@it0/client/errors';
import { Outlet, useParams } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { useTranslations } from 'use-intl';
import { Header } from '../header/header.tsx';
import { ShareButton } from '../share/share-button.tsx';
import { useMe, usePermission } from '../sign-in/use-me.ts';
import { Button } from '../ui/button.tsx';
import { Notice } from '../ui/notice.tsx';
import { AgentCard } from './agent-card.tsx';
import { ManageButton } from './manage-button.tsx';
import { NewAgentButton } from './new-agent-button.tsx';
import { StatusFeed } from './status-feed.tsx';
import { useInstances } from './use-instances.ts';

/** My agents; an open chat stands beside them, or over them where there is no room for both. */
export function AgentsPage() {
  const { instanceId } = useParams({ strict: false });
  const tenantId = useMe().data?.tenant?.id;
  useFocusOnReturn(instanceId);
  return (
    <div className="flex h-full">
      {tenantId && <StatusFeed key={tenantId} />}
      <div
        className={`min-w-0 flex-1 flex-col overflow-y-auto ${instanceId ? 'hidden lg:flex lg:max-w-84 xl:max-w-96' : 'flex'}`}
      >
        <Header />
        <main className="mx-auto w-full max-w-6xl flex-1 px-4 pt-2 pb-8 sm:px-6">
          <AgentList open={instanceId} />
        </main>
      </div>
      <Outlet />
    </div>
  );
}

function AgentList({ open }: { open: string | undefined }) {
  const t = useTranslations();
  const { data, error, isPending, refetch } = useInstances();
  const owns = usePermission('instance:manage');
  return (
    <>
      <div className="mb-4 flex min-h-9 items-center justify-between gap-4">
        <h1 className="min-w-0 font-semibold text-2xl tracking-tight">{t('app.agents')}</h1>
        {owns && <NewAgentButton look={data?.length === 0 ? 'solid' : 'line'} />}
      </div>
      {error && data && (
        <p role="status" className="mb-4 rounded-lg bg-warn-wash px-4 py-2 text-sm text-warn">
          {t('app.offline')}
        </p>
      )}
      {error && !data && (
        <Notice role="alert" title={t('agents.failed')}>
          <p>{t(`reasons.${reasonOf(error) ?? 'INTERNAL'}`)}</p>
          <Button onClick={() => void refetch()}>{t('app.retry')}</Button>
        </Notice>
      )}
      {data?.length === 0 && (
        <Notice title={t('agents.empty')}>
          <p>{t(owns ? 'agents.emptyBody' : 'agents.emptyShared')}</p>
        </Notice>
      )}
      <ul aria-busy={isPending} className="grid grid-cols-[repeat(auto-fill,minmax(min(100%,19rem),1fr))] gap-3">
        {isPending && [0, 1, 2].map((n) => <li key={n} className="h-36 animate-breathe rounded-xl bg-raised" />)}
        {data?.map((instance) => (
          <li key={instance.id} className="relative">
            <AgentCard instance={instance} open={instance.id === open} />
            <div className="absolute right-2 bottom-2 flex">
              <ShareButton instance={instance} />
              <ManageButton instance={instance} />
            </div>
          </li>
        ))}
      </ul>
    </>
  );
}

/** Back from a chat, the focus is where it was: on the card that opened it. */
function useFocusOnReturn(instanceId: string | undefined) {
  const last = useRef<string>(undefined);
  useEffect(() => {
    if (!instanceId && last.current) document.getElementById(`agent-${last.current}`)?.focus();
    last.current = instanceId;
  }, [instanceId]);
}
