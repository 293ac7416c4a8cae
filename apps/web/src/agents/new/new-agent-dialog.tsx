import type { Instance } from '@it0/client/chat-source';
import { Plus } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog/dialog.tsx';

const NewAgent = lazy(() => import('./new-agent.tsx'));

const BUTTON_ID = 'new-agent';

type ButtonProps = { variant: 'solid' | 'outline'; onClick(): void };

/** Opens the dialog. It is not part of the button, which disappears from the first steps with the first agent. */
export function NewAgentButton({ variant, onClick }: ButtonProps) {
  const t = useTranslations('manage');
  return (
    <Button id={BUTTON_ID} aria-haspopup="dialog" variant={variant} onClick={onClick} className="shrink-0">
      <Plus className="size-4" />
      {t('new')}
    </Button>
  );
}

type DialogProps = { open: boolean; onOpenChange(open: boolean): void };

/** Creates an agent, and connects a remote one to its machine. */
export function NewAgentDialog({ open, onOpenChange }: DialogProps) {
  const t = useTranslations();
  // A created remote agent, which is connected to its machine in the next step.
  const [created, setCreated] = useState<Instance>();
  const show = (isOpen: boolean) => {
    onOpenChange(isOpen);
    setCreated(undefined);
  };
  const title = created ? t('connect.title', { name: created.name }) : t('manage.new');
  const returnTo = () => document.getElementById(BUTTON_ID);
  return (
    <Dialog wide={created !== undefined} title={title} open={open} onOpenChange={show} returnTo={returnTo}>
      <Suspense>
        <NewAgent created={created} onCreated={setCreated} onDone={() => show(false)} />
      </Suspense>
    </Dialog>
  );
}
