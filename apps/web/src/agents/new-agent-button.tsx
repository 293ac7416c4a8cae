import { Plus } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';

const NewAgent = lazy(() => import('./new-agent.tsx'));

export function NewAgentButton({ look }: { look: 'solid' | 'line' }) {
  const t = useTranslations('manage');
  const [open, setOpen] = useState(false);
  const trigger = (
    <Button look={look}>
      <Plus className="size-4" />
      {t('new')}
    </Button>
  );
  return (
    <Dialog title={t('new')} open={open} onOpenChange={setOpen} trigger={trigger}>
      <p className="text-soft">{t('newBody')}</p>
      <Suspense>
        <NewAgent onDone={() => setOpen(false)} />
      </Suspense>
    </Dialog>
  );
}
