import { countPending } from '@it0/client/pending-approvals-store';
import { usePendingApprovals } from '@it0/client/react/pending-approvals-scope';
import { Bell } from 'lucide-react';
import { lazy, Suspense, useCallback, useState } from 'react';
import { useTranslations } from 'use-intl';
import { useCommand } from '../../commands/registered-commands.ts';
import { sidebarItem } from '../../frame/sidebar-item.ts';
import { Button } from '../../ui/button.tsx';
import { SidePanel } from '../../ui/dialog/side-panel.tsx';
import { useMedia, WIDE } from '../../ui/use-media.ts';

const PendingList = lazy(() => import('./pending-list.tsx'));

/** Button with the number of pending approvals of all agents. Opens their list. */
export function PendingApprovalsButton({ inSidebar = false }: { inSidebar?: boolean }) {
  const t = useTranslations('waiting');
  const count = usePendingApprovals(countPending);
  const [open, setOpen] = useState(false);
  const isWide = useMedia(WIDE);
  useCommand(
    'approvals',
    useCallback(() => setOpen(true), []),
  );
  const icon = <Bell className={`size-4.5 shrink-0 ${count > 0 ? 'text-warn' : ''}`} />;
  const number = count > 99 ? '99+' : count;
  const trigger = inSidebar ? (
    <button type="button" data-testid="waiting" data-count={count} className={sidebarItem}>
      {icon}
      <span className="truncate">{t('short')}</span>
      {count > 0 && (
        <span className="ml-auto min-w-5 rounded-full bg-warn px-1.5 text-center font-semibold text-page text-xs leading-5 tabular-nums">
          {number} <span className="sr-only">{t('pending')}</span>
        </span>
      )}
    </button>
  ) : (
    <Button
      variant="ghost"
      shape="icon"
      data-testid="waiting"
      data-count={count}
      aria-label={t('open', { count })}
      className="relative"
    >
      {icon}
      {count > 0 && (
        <span className="absolute top-0.5 right-0.5 min-w-4 rounded-full bg-warn px-1 text-center font-semibold text-[0.65rem] text-page leading-4 tabular-nums">
          {number}
        </span>
      )}
    </Button>
  );
  return (
    <SidePanel title={t('title')} open={open} onOpenChange={setOpen} trigger={trigger}>
      <Suspense>
        {/* On a phone, the panel would cover the opened session. */}
        <PendingList onLeave={() => setOpen(isWide)} />
      </Suspense>
    </SidePanel>
  );
}
