import { LayoutGrid, List, Search } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { Button } from '../../ui/button.tsx';
import { type Arrangement, type Sorting, type StatusFilter, sortings } from './arrange-agents.ts';
import type { View } from './view.ts';

const filters = ['all', 'RUNNING', 'DEPLOYING', 'UNCONNECTED', 'STOPPED', 'ERROR'] as const;
const field =
  'min-h-9 min-w-0 rounded-lg border border-line-strong bg-raised px-2.5 text-sm text-ink outline-none placeholder:text-faint focus:border-accent pointer-coarse:min-h-11';

type Props = {
  arrangement: Arrangement;
  onArrange(change: Partial<Arrangement>): void;
  view: View;
  /** Undefined where there is only space for a list. */
  onView: ((view: View) => void) | undefined;
  /** Numbers of agents, by status. */
  counts: Partial<Record<StatusFilter, number>>;
};

/** Search, filter, sorting and view of the list of agents. */
export function AgentToolbar({ arrangement, onArrange, view, onView, counts }: Props) {
  const t = useTranslations('agents');
  const { query, status, sorting } = arrangement;
  return (
    <search className="@container mb-4 flex flex-wrap items-center gap-2">
      <label className="relative min-w-40 flex-1 basis-full @xl:basis-48">
        <span className="sr-only">{t('search')}</span>
        <Search className="pointer-events-none absolute top-1/2 left-2.5 size-4 -translate-y-1/2 text-faint" />
        <input
          type="search"
          value={query}
          placeholder={t('search')}
          onChange={({ target }) => onArrange({ query: target.value })}
          className={`${field} w-full pl-8`}
        />
      </label>
      <select
        aria-label={t('filter')}
        value={status}
        onChange={({ target }) => onArrange({ status: target.value as StatusFilter })}
        className={`${field} flex-1 @xl:flex-none`}
      >
        {filters.map((filter) => (
          <option key={filter} value={filter}>
            {filter === 'all' ? t('all') : t(`status.${filter}`)} ({counts[filter] ?? 0})
          </option>
        ))}
      </select>
      <select
        aria-label={t('sort.label')}
        value={sorting}
        onChange={({ target }) => onArrange({ sorting: target.value as Sorting })}
        className={`${field} flex-1 @xl:flex-none`}
      >
        {sortings.map((one) => (
          <option key={one} value={one}>
            {t(`sort.${one}`)}
          </option>
        ))}
      </select>
      {onView && (
        <div className="flex rounded-lg border border-line-strong p-px">
          <ViewButton label={t('grid')} isPressed={view === 'grid'} onPress={() => onView('grid')}>
            <LayoutGrid className="size-4" />
          </ViewButton>
          <ViewButton label={t('list')} isPressed={view === 'list'} onPress={() => onView('list')}>
            <List className="size-4" />
          </ViewButton>
        </div>
      )}
    </search>
  );
}

type ViewButtonProps = { label: string; isPressed: boolean; onPress(): void; children: ReactNode };

const ViewButton = ({ label, isPressed, onPress, children }: ViewButtonProps) => (
  <Button
    variant="ghost"
    shape="icon"
    aria-label={label}
    aria-pressed={isPressed}
    onClick={onPress}
    className="size-8! aria-pressed:bg-accent-wash aria-pressed:text-accent pointer-coarse:size-10!"
  >
    {children}
  </Button>
);
