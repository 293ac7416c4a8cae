import { X } from 'lucide-react';
import { AlertDialog, Dialog as Radix } from 'radix-ui';
import { type ReactNode, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Button, type ButtonProps } from './button.tsx';
import { useAction } from './use-action.ts';
import { focusDialog, useFirstField } from './use-first-field.ts';

const scrim = 'fixed inset-0 z-40 animate-fade-in bg-scrim';
const box =
  'fixed inset-x-4 top-[max(1rem,8dvh)] z-50 mx-auto grid max-h-[calc(92dvh-1rem)] grid-cols-1 animate-rise gap-4 overflow-y-auto rounded-xl border border-line bg-panel p-5 shadow-(--shadow) outline-none';

/** Returns the element that gets the focus on close. Needed for dialogs without a trigger. */
type ReturnTo = () => HTMLElement | null;

type DialogProps = { title: string; wide?: boolean; trigger?: ReactNode; children: ReactNode } & (
  | { open: boolean; onOpenChange(open: boolean): void; returnTo?: ReturnTo }
  | { open?: undefined; onOpenChange?: undefined; returnTo?: undefined }
);

/** Modal dialog. */
export function Dialog({ title, wide = false, trigger, returnTo, children, ...state }: DialogProps) {
  const t = useTranslations('app');
  const ref = useFirstField();
  return (
    <Radix.Root {...state}>
      {trigger && <Radix.Trigger asChild>{trigger}</Radix.Trigger>}
      <Radix.Portal>
        <Radix.Overlay className={scrim} />
        <Radix.Content
          ref={ref}
          aria-describedby={undefined}
          onOpenAutoFocus={focusDialog}
          onCloseAutoFocus={() => returnTo?.()?.focus()}
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

type ConfirmProps = {
  title: string;
  body: string;
  action: string;
  /** Performs the action. A returned string is shown as a notification. */
  onConfirm(): Promise<unknown>;
} & (
  | { trigger: ReactNode; open?: undefined; onOpenChange?: undefined; returnTo?: undefined }
  | { trigger?: undefined; open: boolean; onOpenChange(open: boolean): void; returnTo?: ReturnTo }
);

/** Asks for confirmation of an action that cannot be undone. */
export function Confirm({ title, body, action, trigger, returnTo, onConfirm, ...state }: ConfirmProps) {
  const t = useTranslations('app');
  const [ownOpen, setOwnOpen] = useState(false);
  const open = state.open ?? ownOpen;
  const setOpen = state.onOpenChange ?? setOwnOpen;
  const { busy, run } = useAction();
  const confirm = () =>
    run(async () => {
      const message = await onConfirm();
      setOpen(false);
      return message;
    });
  return (
    <AlertDialog.Root open={open} onOpenChange={setOpen}>
      {trigger && <AlertDialog.Trigger asChild>{trigger}</AlertDialog.Trigger>}
      <AlertDialog.Portal>
        <AlertDialog.Overlay className={scrim} />
        <AlertDialog.Content onCloseAutoFocus={() => returnTo?.()?.focus()} className={`${box} max-w-md`}>
          <AlertDialog.Title className="break-words font-semibold text-lg leading-snug">{title}</AlertDialog.Title>
          <AlertDialog.Description className="text-soft">{body}</AlertDialog.Description>
          <div className="flex flex-wrap justify-end gap-2">
            <AlertDialog.Cancel asChild>
              <Button>{t('cancel')}</Button>
            </AlertDialog.Cancel>
            <Button variant="danger-outline" disabled={busy} onClick={confirm}>
              {action}
            </Button>
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}

type ConfirmButtonProps = Omit<ConfirmProps, 'trigger' | 'open' | 'onOpenChange' | 'returnTo'> &
  Pick<ButtonProps, 'variant' | 'className'> & {
    /** Accessible name, where `action` alone is ambiguous. */
    label?: string;
  };

/** Button for an action that cannot be undone. It asks for confirmation first. */
export const ConfirmButton = ({ label, variant, className, ...confirm }: ConfirmButtonProps) => (
  <Confirm {...confirm} trigger={<Button {...{ variant, className, 'aria-label': label }}>{confirm.action}</Button>} />
);
