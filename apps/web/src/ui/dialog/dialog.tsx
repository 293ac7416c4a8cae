import { lazy, type ReactNode, Suspense, useRef, useState } from 'react';
import { Button, type ButtonProps } from '../button.tsx';
import { useAction } from '../toast/use-action.ts';
import { DialogTrigger, type Trigger } from './dialog-trigger.tsx';
import { useWasOpen } from './use-was-open.ts';

// Lazy, since the dialog library is large and not needed for the first paint.
const load = () => import('./dialog-content.tsx');
const DialogContent = lazy(async () => ({ default: (await load()).DialogContent }));
const ConfirmContent = lazy(async () => ({ default: (await load()).ConfirmContent }));

/** Returns the element that gets the focus on close. Needed for dialogs without a trigger. */
type ReturnTo = () => HTMLElement | null;

type DialogProps = { title: string; wide?: boolean; trigger?: Trigger; children: ReactNode } & (
  | { open: boolean; onOpenChange(open: boolean): void; returnTo?: ReturnTo }
  | { open?: undefined; onOpenChange?: undefined; returnTo?: undefined }
);

/** Modal dialog. */
export function Dialog({ title, wide = false, children, ...props }: DialogProps) {
  const { trigger, wasOpen, state } = useDialog(props);
  return (
    <>
      {trigger}
      {wasOpen && (
        <Suspense>
          <DialogContent title={title} wide={wide} {...state}>
            {children}
          </DialogContent>
        </Suspense>
      )}
    </>
  );
}

type ConfirmProps = {
  title: string;
  body: string;
  action: string;
  /** Performs the action. A returned string is shown as a notification. */
  onConfirm(): Promise<unknown>;
} & (
  | { trigger: Trigger; open?: undefined; onOpenChange?: undefined; returnTo?: undefined }
  | { trigger?: undefined; open: boolean; onOpenChange(open: boolean): void; returnTo?: ReturnTo }
);

/** Asks for confirmation of an action that cannot be undone. */
export function Confirm({ title, body, action, onConfirm, ...props }: ConfirmProps) {
  const { trigger, wasOpen, state } = useDialog(props);
  const { busy, run } = useAction();
  const confirm = () =>
    run(async () => {
      const message = await onConfirm();
      state.onOpenChange(false);
      return message;
    });
  return (
    <>
      {trigger}
      {wasOpen && (
        <Suspense>
          <ConfirmContent {...{ title, body, action, busy, ...state }} onConfirm={confirm} />
        </Suspense>
      )}
    </>
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

type Options = { trigger?: Trigger; open?: boolean; onOpenChange?(open: boolean): void; returnTo?: ReturnTo };

/** Returns the trigger and the state of a dialog, which can be that of its parent. */
function useDialog({ trigger, open: parentOpen, onOpenChange: setParentOpen, returnTo }: Options) {
  const ref = useRef<HTMLButtonElement>(null);
  const [ownOpen, setOwnOpen] = useState(false);
  const open = parentOpen ?? ownOpen;
  const onOpenChange = setParentOpen ?? setOwnOpen;
  const onClosed = () => (returnTo?.() ?? ref.current)?.focus();
  return {
    trigger: trigger && <DialogTrigger {...{ ref, open, onOpenChange }}>{trigger}</DialogTrigger>,
    wasOpen: useWasOpen(open),
    state: { open, onOpenChange, onClosed },
  };
}
