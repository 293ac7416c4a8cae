import type { Instance } from '@it0/client/chat-source';
import { UserRoundPlus } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useTranslations } from 'use-intl';
import { usePermission } from '../sign-in/use-me.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';

const Shares = lazy(() => import('./shares.tsx'));

/** Opens who else sees an agent; only for whoever may say so. */
export function ShareButton({ instance: { id, name, mine } }: { instance: Instance }) {
  const t = useTranslations('share');
  const [open, setOpen] = useState(false);
  const manages = usePermission('instance:manage');
  if (!mine || !manages) return null;
  const trigger = (
    <Button look="plain" shape="icon" aria-label={t('open', { name })}>
      <UserRoundPlus className="size-4.5" />
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
