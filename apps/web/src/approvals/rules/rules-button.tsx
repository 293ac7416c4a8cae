import type { Instance } from '@it0/client/chat-source';
import { ShieldCheck } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useTranslations } from 'use-intl';
import { usePermission } from '../../sign-in/use-me.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog/dialog.tsx';

const Rules = lazy(() => import('./rules.tsx'));

type Props = { instance: Instance; withWords?: boolean };

/** Opens the approval rules of an agent. Shown only to users who may change them. */
export function RulesButton({ instance: { id, name, mine }, withWords = false }: Props) {
  const t = useTranslations('rules');
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
      <ShieldCheck className="size-4.5" />
      {withWords && t('short')}
    </Button>
  );
  return (
    <Dialog wide title={t('title', { name })} open={open} onOpenChange={setOpen} trigger={trigger}>
      <Suspense>
        <Rules instanceId={id} onDone={() => setOpen(false)} />
      </Suspense>
    </Dialog>
  );
}
