import { countPending } from '@it0/client/pending-approvals-store';
import { useWaiting } from '@it0/client/react/pending-approvals-scope';
import { Bell } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';

const WaitingList = lazy(() => import('./pending-list.tsx'));

/** How many commands wait, of all agents, and the way to them. */
export function Waiting({ className = '' }: { className?: string }) {
  const t = useTranslations('waiting');
  const count = useWaiting(countPending);
  const [open, setOpen] = useState(false);
  const trigger = (
    <Button
      look="plain"
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
        <WaitingList onLeave={() => setOpen(false)} />
      </Suspense>
    </Dialog>
  );
}
