import type { Instance } from '@it0/client/chat-source';
import { Plus } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';

const NewAgent = lazy(() => import('./new-agent.tsx'));

export function NewAgentButton({ look }: { look: 'solid' | 'line' }) {
  const t = useTranslations();
  const [open, setOpen] = useState(false);
  // One that is to live on another machine is made, and its bridge is still to come.
  const [made, setMade] = useState<Instance>();
  const show = (isOpen: boolean) => {
    setOpen(isOpen);
    setMade(undefined);
  };
  const trigger = (
    <Button look={look}>
      <Plus className="size-4" />
      {t('manage.new')}
    </Button>
  );
  const title = made ? t('connect.title', { name: made.name }) : t('manage.new');
  return (
    <Dialog wide={made !== undefined} title={title} open={open} onOpenChange={show} trigger={trigger}>
      <Suspense>
        <NewAgent made={made} onMade={setMade} onDone={() => show(false)} />
      </Suspense>
    </Dialog>
  );
}
