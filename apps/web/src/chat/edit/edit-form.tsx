import { canSendFiles, exceedsFileLimits, listReady } from '@it0/client/draft/draft-files';
import type { MessageEdit } from '@it0/client/draft/message-edits';
import { useChatScope } from '@it0/client/react/chat-scope';
import type { Attachment } from '@it0/contracts/attachment';
import { isVisible } from '@it0/contracts/invisible';
import { limits } from '@it0/contracts/limits';
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef } from 'react';
import { useTranslations } from 'use-intl';
import { Button } from '../../ui/button.tsx';
import { useAutoHeight } from '../../ui/form/use-auto-height.ts';
import { useAction } from '../../ui/toast/use-action.ts';
import { FileButton } from '../composer/file-button.tsx';
import { FileChips } from '../composer/file-chips.tsx';
import { isComposing, isTouch } from '../composer/keys.ts';

type Props = {
  edit: MessageEdit;
  /** Accessible name of the form, and test id of its field. */
  label: string;
  testId: string;
  submitLabel: string;
  canSubmit?: boolean;
  onSubmit(text: string, attachments: Attachment[]): Promise<unknown>;
  /** Called after the person has given up the change. */
  onCancel?(): void;
  /** Describes what the form does. */
  children?: ReactNode;
};

/** Form for the text and the files of a message that is being edited. What is written remains until it ends. */
export function EditForm({ edit, label, testId, submitLabel, canSubmit = true, onSubmit, onCancel, children }: Props) {
  const t = useTranslations();
  const { chat } = useChatScope();
  const { busy, run } = useAction();
  const field = useRef<HTMLTextAreaElement>(null);
  const hint = useId();
  const { taskId, text, files, isRestored } = edit;
  const excess = text.length - limits.message;
  const isReady = canSubmit && isVisible(text) && excess <= 0 && canSendFiles(files) && !busy;
  useAutoHeight(field, text);
  useEffect(() => {
    const { current } = field;
    if (isRestored || !current) return;
    current.focus({ preventScroll: true });
    current.setSelectionRange(current.value.length, current.value.length);
  }, [isRestored]);

  const cancel = () => {
    chat.edits.end(taskId);
    onCancel?.();
  };
  const submit = () => {
    if (!isReady) return;
    run(async () => {
      await onSubmit(text, listReady(files));
      chat.edits.end(taskId);
    });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (isComposing(event)) return;
    if (event.key === 'Escape') {
      event.preventDefault();
      cancel();
    }
    if (event.key !== 'Enter' || event.shiftKey || isTouch()) return;
    event.preventDefault();
    submit();
  };
  return (
    <form
      aria-label={label}
      className="flex flex-col gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <textarea
        ref={field}
        data-testid={testId}
        rows={1}
        value={text}
        dir="auto"
        aria-label={t('versions.text')}
        aria-describedby={hint}
        onChange={(event) => chat.edits.setText(event.target.value)}
        onKeyDown={onKeyDown}
        className="max-h-[50dvh] min-h-11 w-full resize-none rounded-2xl border border-accent bg-raised px-3.5 py-2 text-base outline-none"
      />
      <FileChips files={files} testId="edited-file" onRetry={chat.edits.retry} onDetach={chat.edits.detach} />
      <div id={hint} className="flex flex-col gap-1 text-soft text-sm">
        {children}
        {excess > 0 && <p className="text-bad">{t('composer.tooLong', { count: excess })}</p>}
        {exceedsFileLimits(files) && (
          <p className="text-bad">
            {t('composer.tooMany', { count: limits.attachments, size: limits.attachmentsBytes / 1024 / 1024 })}
          </p>
        )}
      </div>
      <div className="flex items-center gap-2">
        <FileButton testId="edited-file-input" onFiles={chat.edits.attach} />
        <span className="flex-1" />
        <Button variant="ghost" onClick={cancel}>
          {t('app.cancel')}
        </Button>
        <Button type="submit" variant="solid" disabled={!isReady}>
          {submitLabel}
        </Button>
      </div>
    </form>
  );
}
