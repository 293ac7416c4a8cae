import { X } from 'lucide-react';
import { Dialog } from 'radix-ui';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { Button } from './button.tsx';

type Props = {
  title: string;
  trigger: ReactNode;
  open: boolean;
  onOpenChange(open: boolean): void;
  children: ReactNode;
};

/** Panel at the side of the content, which can be used meanwhile. On a phone, it covers the content. */
export function SidePanel({ title, trigger, open, onOpenChange, children }: Props) {
  const t = useTranslations('app');
  return (
    <Dialog.Root modal={false} open={open} onOpenChange={onOpenChange}>
      <Dialog.Trigger asChild>{trigger}</Dialog.Trigger>
      <Dialog.Portal container={document.getElementById('main')}>
        <Dialog.Content
          aria-describedby={undefined}
          onOpenAutoFocus={(event) => {
            event.preventDefault();
            (event.currentTarget as HTMLElement).focus();
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
