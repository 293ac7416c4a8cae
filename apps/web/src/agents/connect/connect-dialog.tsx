import type { Instance } from '@it0/client/chat-source';
import { lazy, Suspense } from 'react';
import { useTranslations } from 'use-intl';
import { Dialog } from '../../ui/dialog/dialog.tsx';

const Connect = lazy(() => import('./connect.tsx'));

type Props = { instance: Instance; open: boolean; onClose(): void; returnTo(): HTMLElement | null };

/** Dialog that connects an agent to its first machine, or moves it to another one. */
export function ConnectDialog({ instance, open, onClose, returnTo }: Props) {
  const t = useTranslations('connect');
  return (
    <Dialog wide title={t('title', instance)} open={open} onOpenChange={onClose} returnTo={returnTo}>
      <Suspense>
        <Connect instance={instance} onDone={onClose} />
      </Suspense>
    </Dialog>
  );
}
