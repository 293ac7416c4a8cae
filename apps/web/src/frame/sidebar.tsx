import { Link } from '@tanstack/react-router';
import { PanelLeftClose, PanelLeftOpen, Search } from 'lucide-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { PendingApprovalsButton } from '../approvals/queue/pending-approvals-button.tsx';
import { browserStorage } from '../browser-storage.ts';
import { useCommands } from '../commands/registered-commands.ts';
import { shortcuts } from '../commands/shortcuts.ts';
import { useMe } from '../sign-in/use-me.ts';
import { Button } from '../ui/button.tsx';
import { Logo } from '../ui/logo.tsx';
import { EXTRA_WIDE, useMedia } from '../ui/use-media.ts';
import { UserMenu } from './lazy-user-menu.tsx';
import { sidebarItem } from './sidebar-item.ts';
import { useSections } from './use-sections.ts';

/** Sidebar with the sections, the pending approvals and the user. Collapsed, it shows icons with tooltips. */
export function Sidebar() {
  const t = useTranslations('frame');
  const { isExpanded, toggle } = useExpanded();
  const isMember = Boolean(useMe().data?.tenant);
  const Toggle = isExpanded ? PanelLeftClose : PanelLeftOpen;
  return (
    <header
      className={`flex h-full shrink-0 flex-col gap-1 overflow-y-auto border-line border-r px-2.5 pt-3 pb-3 ${isExpanded ? 'w-54' : 'w-14'}`}
    >
      <div className={`mb-2 flex items-center gap-1 ${isExpanded ? 'justify-between pl-2.5' : 'flex-col'}`}>
        <Link to="/" aria-label="IT0" className="rounded-md">
          <Logo short={!isExpanded} />
        </Link>
        <Button
          variant="ghost"
          shape="icon"
          aria-label={t(isExpanded ? 'collapse' : 'expand')}
          aria-expanded={isExpanded}
          onClick={toggle}
        >
          <Toggle className="size-4.5" />
        </Button>
      </div>
      <SearchButton isExpanded={isExpanded} />
      <nav aria-label={t('sections')} className="grid gap-0.5">
        {useSections().map(({ to, name, icon: Icon, isCurrent }) => (
          <Link
            key={to}
            to={to}
            aria-current={isCurrent ? 'page' : undefined}
            aria-label={isExpanded ? undefined : t(`section.${name}`)}
            title={isExpanded ? undefined : t(`section.${name}`)}
            className={sidebarItem}
          >
            <Icon className="size-4.5 shrink-0" />
            {isExpanded && <span className="truncate">{t(`section.${name}`)}</span>}
          </Link>
        ))}
      </nav>
      <div className="mt-auto grid gap-0.5 pt-3">
        {isMember && <PendingApprovalsButton inSidebar={isExpanded} />}
        <UserMenu compact={!isExpanded} />
      </div>
    </header>
  );
}

/** Opens the command palette. */
function SearchButton({ isExpanded }: { isExpanded: boolean }) {
  const t = useTranslations('commands');
  const { palette } = useCommands();
  return (
    <button
      type="button"
      aria-label={isExpanded ? undefined : t('open')}
      title={isExpanded ? undefined : t('open')}
      onClick={palette}
      className={`${sidebarItem} mb-1`}
    >
      <Search className="size-4.5 shrink-0" />
      {isExpanded && (
        <>
          <span className="truncate">{t('short')}</span>
          <kbd className="ml-auto font-mono text-faint text-xs">{shortcuts[0].keys.join(' ')}</kbd>
        </>
      )}
    </button>
  );
}

/** Returns whether the sidebar is expanded: as chosen in this browser, else on a wide screen. */
function useExpanded() {
  const isWide = useMedia(EXTRA_WIDE);
  const [choice, setChoice] = useState(() => browserStorage.read('sidebar'));
  const isExpanded = choice ? choice === 'expanded' : isWide;
  const toggle = () => {
    const next = isExpanded ? 'collapsed' : 'expanded';
    browserStorage.write('sidebar', next);
    setChoice(next);
  };
  return { isExpanded, toggle };
}
