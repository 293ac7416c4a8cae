import type { Instance } from '@it0/client/chat-source';
import { UserRoundPlus } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useTranslations } from 'use-intl';
import { usePermission } from '../sign-in/use-me.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog/dialog.tsx';

const Shares = lazy(() => import('./shares.tsx'));

type Props = { instance: Instance; withWords?: boolean };

/** Opens the list of people an agent is shared with. Shown only to users who may change it. */
export function ShareButton({ instance: { id, name, mine }, withWords = false }: Props) {
  const t = useTranslations('share');
  const [open, setOpen] = useState(false);
  const canManage = usePermission('instance:manage');
  if (!mine || !canManage) return null;
  const trigger = (
    <Button
      variant="ghost"
      shape={withWords ? 'text' : 'icon'}
      aria-label={t('open', { name })}
      className={withWords ? 'px-2.5!' : ''}
    >
      <UserRoundPlus className="size-4.5" />
      {withWords && t('short')}
    </Button>
  );
  return (
    <Dialog title={t('title', { name })} open={open} onOpenChange={setOpen} trigger={trigger}>
      <p className="text-soft">{t('body')}</p>
      <Suspense>
        <Shares instanceId={id} />
      </Suspense>
    </Dialog>
  );
}
