import { type ComponentProps, cloneElement, type ReactElement, type Ref } from 'react';

/** A button without a ref and a function of its own. */
export type Trigger = ReactElement<ComponentProps<'button'>>;

type Props = {
  ref: Ref<HTMLButtonElement>;
  open: boolean;
  onOpenChange(open: boolean): void;
  children: Trigger;
};

/** Makes a button the trigger of a dialog, whose code need not be loaded. */
export const DialogTrigger = ({ ref, open, onOpenChange, children }: Props) =>
  cloneElement(children, {
    ...{ ref, 'aria-haspopup': 'dialog', 'aria-expanded': open },
    onClick: () => onOpenChange(!open),
  });
