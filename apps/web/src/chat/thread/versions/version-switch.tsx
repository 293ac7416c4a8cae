import { useChatScope } from '@it0/client/react/chat-scope';
import { ChevronLeft, ChevronRight } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { useTranslations } from 'use-intl';
import { toast } from '../../../ui/toast/toast.ts';
import { useErrorMessage } from '../../../ui/use-error-message.ts';
import { useRequestedVersion } from './requested-version.tsx';

type Props = { taskId: string; versions: string[] };

/** Buttons that show the previous and the next version of a message, with the position of this one. */
export function VersionSwitch({ taskId, versions }: Props) {
  const t = useTranslations();
  const formatError = useErrorMessage();
  const { chat } = useChatScope();
  const requested = useRequestedVersion();
  const group = useRef<HTMLSpanElement>(null);
  const index = versions.indexOf(taskId);
  const name = t('versions.position', { index: index + 1, count: versions.length });
  useEffect(() => {
    // The row of another version replaces the one with the button that was pressed.
    if (requested.current?.taskId !== taskId) return;
    const buttons = group.current?.querySelectorAll<HTMLButtonElement>('button:not(:disabled)') ?? [];
    (requested.current.step < 0 ? buttons[0] : buttons[buttons.length - 1])?.focus({ preventScroll: true });
    requested.current = null;
  }, [taskId, requested]);
  const show = (step: 1 | -1) => () => {
    const target = versions[index + step];
    if (!target) return;
    requested.current = { taskId: target, step };
    chat.selectVersion(target).catch((error: unknown) => {
      requested.current = null;
      toast.error(formatError(error));
    });
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields
    <span ref={group} role="group" aria-label={name} data-testid="versions" className="flex items-center tabular-nums">
      <Step label={t('versions.previous')} disabled={index <= 0} onClick={show(-1)}>
        <ChevronLeft className="size-4" />
      </Step>
      <span aria-hidden="true" className="text-soft">
        {index + 1}/{versions.length}
      </span>
      <Step label={t('versions.next')} disabled={index >= versions.length - 1} onClick={show(1)}>
        <ChevronRight className="size-4" />
      </Step>
    </span>
  );
}

type StepProps = { label: string; disabled: boolean; onClick(): void; children: React.ReactNode };

const Step = ({ label, disabled, onClick, children }: StepProps) => (
  <button
    type="button"
    title={label}
    aria-label={label}
    disabled={disabled}
    onClick={onClick}
    className="grid size-7 place-items-center rounded-md text-soft enabled:hover:bg-raised enabled:hover:text-ink disabled:opacity-40 pointer-coarse:size-11"
  >
    {children}
  </button>
);
