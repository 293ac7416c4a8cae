import type { Instance } from '@it0/client/chat-source';
import { Plus } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';

const NewAgent = lazy(() => import('./new-agent.tsx'));

/** Opens the dialog that creates an agent, and connects a remote one to its machine. */
export function NewAgentButton({ variant }: { variant: 'solid' | 'outline' }) {
  const t = useTranslations();
  const [open, setOpen] = useState(false);
  // A created remote agent, which is connected to its machine in the next step.
  const [created, setCreated] = useState<Instance>();
  const show = (isOpen: boolean) => {
    setOpen(isOpen);
    setCreated(undefined);
  };
  const trigger = (
    <Button variant={variant}>
      <Plus className="size-4" />
      {t('manage.new')}
    </Button>
  );
  const title = created ? t('connect.title', { name: created.name }) : t('manage.new');
  return (
    <Dialog wide={created !== undefined} title={title} open={open} onOpenChange={show} trigger={trigger}>
      <Suspense>
        <NewAgent created={created} onCreated={setCreated} onDone={() => show(false)} />
      </Suspense>
    </Dialog>
  );
}
