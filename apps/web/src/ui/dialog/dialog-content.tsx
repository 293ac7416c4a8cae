import { X } from 'lucide-react';
import { AlertDialog, Dialog as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { Button } from '../button.tsx';
import { focusDialog, useFirstField } from './use-first-field.ts';

const scrim = 'fixed inset-0 z-40 animate-fade-in bg-scrim';
const box =
  'fixed inset-x-4 top-[max(1rem,8dvh)] z-50 mx-auto grid max-h-[calc(92dvh-1rem)] grid-cols-1 animate-rise gap-4 overflow-y-auto rounded-xl border border-line bg-panel p-5 shadow-(--shadow) outline-none';

type BaseProps = { title: string; open: boolean; onOpenChange(open: boolean): void; onClosed(): void };
type DialogProps = BaseProps & { wide: boolean; children: ReactNode };

/** Content of a `Dialog`. `onClosed` returns the focus. */
export function DialogContent({ title, wide, onClosed, children, ...state }: DialogProps) {
  const t = useTranslations('app');
  const ref = useFirstField();
  return (
    <Radix.Root {...state}>
      <Radix.Portal>
        <Radix.Overlay className={scrim} />
        <Radix.Content
          ref={ref}
          aria-describedby={undefined}
          onOpenAutoFocus={focusDialog}
          onCloseAutoFocus={onClosed}
          className={`${box} ${wide ? 'max-w-2xl' : 'max-w-md'}`}
        >
          <div className="flex items-start gap-2">
            <Radix.Title className="min-w-0 flex-1 break-words font-semibold text-lg leading-snug">{title}</Radix.Title>
            <Radix.Close asChild>
              <Button variant="ghost" shape="icon" aria-label={t('close')} className="-mt-1.5 -mr-1.5">
                <X className="size-5" />
              </Button>
            </Radix.Close>
          </div>
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

type ConfirmProps = BaseProps & { body: string; action: string; busy: boolean; onConfirm(): void };

/** Content of a `Confirm`. */
export function ConfirmContent({ title, body, action, busy, onConfirm, onClosed, ...state }: ConfirmProps) {
  const t = useTranslations('app');
  return (
    <AlertDialog.Root {...state}>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className={scrim} />
        <AlertDialog.Content onCloseAutoFocus={onClosed} className={`${box} max-w-md`}>
          <AlertDialog.Title className="break-words font-semibold text-lg leading-snug">{title}</AlertDialog.Title>
          <AlertDialog.Description className="text-soft">{body}</AlertDialog.Description>
          <div className="flex flex-wrap justify-end gap-2">
            <AlertDialog.Cancel asChild>
              <Button>{t('cancel')}</Button>
            </AlertDialog.Cancel>
            <Button variant="danger-outline" disabled={busy} onClick={onConfirm}>
              {action}
            </Button>
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
