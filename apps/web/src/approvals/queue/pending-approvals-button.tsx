import { countPending } from '@it0/client/pending-approvals-store';
import { usePendingApprovals } from '@it0/client/react/pending-approvals-scope';
import { Bell } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';

const PendingList = lazy(() => import('./pending-list.tsx'));

/** Button with the number of pending approvals of all agents. Opens their list. */
export function PendingApprovalsButton({ className = '' }: { className?: string }) {
  const t = useTranslations('waiting');
  const count = usePendingApprovals(countPending);
  const [open, setOpen] = useState(false);
  const trigger = (
    <Button
      variant="ghost"
      shape="icon"
      data-testid="waiting"
      aria-label={t('open', { count })}
      className={`relative ${className}`}
    >
      <Bell className={`size-4.5 ${count > 0 ? 'text-warn' : ''}`} />
      {count > 0 && (
        <span className="absolute top-0.5 right-0.5 min-w-4 rounded-full bg-warn px-1 text-center font-semibold text-[0.65rem] text-page leading-4 tabular-nums">
          {count > 99 ? '99+' : count}
        </span>
      )}
    </Button>
  );
  return (
    <Dialog wide title={t('title')} open={open} onOpenChange={setOpen} trigger={trigger}>
      <Suspense>
        <PendingList onLeave={() => setOpen(false)} />
      </Suspense>
    </Dialog>
  );
}
