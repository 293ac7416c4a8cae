import { lazy, type ReactNode, Suspense, useRef } from 'react';
import { DialogTrigger, type Trigger } from './dialog-trigger.tsx';
import { useWasOpen } from './use-was-open.ts';

const SidePanelContent = lazy(() => import('./side-panel-content.tsx'));

type Props = {
  title: string;
  trigger: Trigger;
  open: boolean;
  onOpenChange(open: boolean): void;
  children: ReactNode;
};

/** Panel at the side of the content, which can be used meanwhile. On a phone, it covers the content. */
export function SidePanel({ trigger, ...props }: Props) {
  const ref = useRef<HTMLButtonElement>(null);
  const { open, onOpenChange } = props;
  return (
    <>
      <DialogTrigger {...{ ref, open, onOpenChange }}>{trigger}</DialogTrigger>
      {useWasOpen(open) && (
        <Suspense>
          <SidePanelContent {...props} onClosed={() => ref.current?.focus()} />
        </Suspense>
      )}
    </>
  );
}
