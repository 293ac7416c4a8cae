import type { Instance } from '@it0/client/chat-source';
import { getReason } from '@it0/client/errors';
import { memo, startTransition, useDeferredValue, useEffect, useMemo, useState } from 'react';
import { useTranslations } from 'use-intl';
import { browserStorage } from '../../browser-storage.ts';
import { assistantKey } from '../../chat/sessions/recent-sessions.ts';
import { useFirstView } from '../../frame/first-view.ts';
import { usePermission } from '../../sign-in/use-me.ts';
import { Button } from '../../ui/button.tsx';
import { Notice } from '../../ui/notice.tsx';
import { toDisplayStatus } from '../agent-status.ts';
import { NewAgentButton, NewAgentDialog } from '../new/new-agent-dialog.tsx';
import { useInstances } from '../use-instances.ts';
import { AgentItem } from './agent-item.tsx';
import { AgentToolbar } from './agent-toolbar.tsx';
import {
  type Arrangement,
  arrangeAgents,
  matchesAssistant,
  type Sorting,
  type StatusFilter,
  sortings,
} from './arrange-agents.ts';
import { AssistantItem } from './assistant-card.tsx';
import { FirstSteps } from './first-steps.tsx';
import { useStaleSince } from './list-freshness.ts';
import type { View } from './view.ts';

/** Number of agents from which the list can be searched and filtered. */
const MANY = 6;

/** Agents of the user. Beside a chat (`open`), there is only space for a list. */
export function AgentList({ open }: { open: string | undefined }) {
  const t = useTranslations();
  const { data, error, isPending, refetch } = useInstances();
  const { arrangement, arrange, view: chosenView, setView } = useArrangement();
  const staleSince = useStaleSince();
  const canManage = usePermission('instance:manage');
  const view = open ? 'list' : chosenView;
  // The same list, unless it has changed, so that its items are not rendered again.
  const shown = useMemo(() => arrangeAgents(data ?? [], arrangement), [data, arrangement]);
  const withAssistant = data !== undefined && matchesAssistant(arrangement);
  const isEmpty = data?.length === 0;
  const [isCreating, setCreating] = useState(false);
  const create = () => setCreating(true);
  return (
    <>
      <div className="mb-4 flex min-h-9 items-start justify-between gap-3">
        <div className="flex min-h-9 min-w-0 flex-wrap items-center gap-x-3">
          <h1 className="min-w-0 font-semibold text-2xl tracking-tight">{t('app.agents')}</h1>
          {data && data.length > 1 && (
            <p role="status" className={`text-faint text-sm tabular-nums ${open ? 'sr-only' : ''}`}>
              {shown.length === data.length
                ? t('agents.count', { count: data.length })
                : t('agents.countOf', { count: shown.length, total: data.length })}
            </p>
          )}
        </div>
        {canManage && !isEmpty && <NewAgentButton variant="outline" onClick={create} />}
      </div>
      <NewAgentDialog open={isCreating} onOpenChange={setCreating} />
      {data && data.length >= MANY && (
        <AgentToolbar
          arrangement={arrangement}
          onArrange={arrange}
          view={view}
          onView={open ? undefined : setView}
          counts={countByStatus(data)}
        />
      )}
      {data && (staleSince !== null || error) && (
        <p role="status" className="mb-4 rounded-lg bg-warn-wash px-4 py-2 text-sm text-warn">
          {t('agents.stale')}
        </p>
      )}
      {error && !data && (
        <Notice role="alert" title={t('agents.failed')}>
          <p className="first-letter:uppercase">{t(`reasons.${getReason(error) ?? 'INTERNAL'}`)}</p>
          <Button onClick={() => void refetch()}>{t('app.retry')}</Button>
        </Notice>
      )}
      {isEmpty && canManage && <FirstSteps onCreate={create} />}
      {isEmpty && !canManage && (
        <Notice title={t('agents.empty')}>
          <p>{t('agents.emptyShared')}</p>
        </Notice>
      )}
      {data && data.length > 0 && shown.length === 0 && !withAssistant && (
        <Notice title={t('agents.noMatch')}>
          <Button onClick={() => arrange({ query: '', status: 'all' })}>{t('agents.showAll')}</Button>
        </Notice>
      )}
      <AgentItems
        agents={useDeferredValue(shown)}
        view={useDeferredValue(view)}
        // With the agents, or the list would be empty until they are rendered.
        withAssistant={useDeferredValue(withAssistant)}
        isPending={useDeferredValue(isPending)}
        {...{ open, isStale: staleSince !== null }}
      />
    </>
  );
}

type ItemsProps = {
  agents: Instance[];
  view: View;
  open: string | undefined;
  withAssistant: boolean;
  isPending: boolean;
  isStale: boolean;
};

/** Number of agents that are rendered at first. The others follow without blocking the page. */
const FIRST = 40;

/** Items of the list. With many agents they take long to render, which must not delay a key or a chat that is opened. */
const AgentItems = memo(({ agents, view, open, withAssistant, isPending, isStale }: ItemsProps) => {
  const [limit, setLimit] = useState(FIRST);
  useFirstView(!open && !isPending);
  useEffect(() => {
    if (!isPending) startTransition(() => setLimit(Number.POSITIVE_INFINITY));
  }, [isPending]);
  return (
    <ul
      aria-busy={isPending}
      data-stale={isStale}
      className={`@container grid gap-3 data-[stale=true]:grayscale ${view === 'grid' ? 'grid-cols-[repeat(auto-fill,minmax(min(100%,19rem),1fr))]' : 'grid-cols-1 gap-1.5!'}`}
    >
      {isPending && [0, 1, 2].map((n) => <li key={n} className="h-36 animate-breathe rounded-xl bg-raised" />)}
      {withAssistant && <AssistantItem isOpen={open === assistantKey} view={view} />}
      {agents.slice(0, limit).map((instance) => (
        <AgentItem key={instance.id} instance={instance} isOpen={instance.id === open} view={view} />
      ))}
    </ul>
  );
});

/** Returns how the list is arranged. The view and the sorting are stored in this browser. */
function useArrangement() {
  const [view, setView] = useState<View>(() => (browserStorage.read('agents.view') === 'list' ? 'list' : 'grid'));
  const [arrangement, setArrangement] = useState<Arrangement>(() => ({
    query: '',
    status: 'all',
    sorting: sortings.find((one) => one === browserStorage.read('agents.sorting')) ?? 'added',
  }));
  return {
    arrangement,
    arrange(change: Partial<Arrangement>) {
      setArrangement((current) => ({ ...current, ...change }));
      if (change.sorting) browserStorage.write('agents.sorting', change.sorting satisfies Sorting);
    },
    view,
    setView(next: View) {
      setView(next);
      browserStorage.write('agents.view', next);
    },
  };
}

function countByStatus(agents: Parameters<typeof toDisplayStatus>[0][]) {
  const counts: Partial<Record<StatusFilter, number>> = { all: agents.length };
  for (const agent of agents) {
    const status = toDisplayStatus(agent);
    counts[status] = (counts[status] ?? 0) + 1;
  }
  return counts;
}
