import { X } from 'lucide-react';
import { Dialog } from 'radix-ui';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { Button } from '../button.tsx';

type Props = {
  title: string;
  open: boolean;
  onOpenChange(open: boolean): void;
  onClosed(): void;
  children: ReactNode;
};

/** Content of a `SidePanel`. `onClosed` returns the focus. */
export default function SidePanelContent({ title, open, onOpenChange, onClosed, children }: Props) {
  const t = useTranslations('app');
  return (
    <Dialog.Root modal={false} open={open} onOpenChange={onOpenChange}>
      <Dialog.Portal container={document.getElementById('main')}>
        <Dialog.Content
          aria-describedby={undefined}
          onOpenAutoFocus={(event) => {
            event.preventDefault();
            (event.currentTarget as HTMLElement).focus();
          }}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            onClosed();
          }}
          onInteractOutside={(event) => event.preventDefault()}
          className="absolute inset-y-0 left-0 z-30 flex w-full animate-drawer-in flex-col border-line border-r bg-panel shadow-lg outline-none md:w-104 md:max-w-[calc(100%-2rem)]"
        >
          <div className="flex items-center gap-2 px-4 pt-[max(0.75rem,env(safe-area-inset-top))] pb-2">
            <Dialog.Title className="min-w-0 flex-1 font-semibold text-lg">{title}</Dialog.Title>
            <Dialog.Close asChild>
              <Button variant="ghost" shape="icon" aria-label={t('close')}>
                <X className="size-5" />
              </Button>
            </Dialog.Close>
          </div>
          <div className="grid min-h-0 flex-1 grid-cols-1 content-start gap-3 overflow-y-auto px-4 pb-[max(1rem,env(safe-area-inset-bottom))]">
            {children}
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
