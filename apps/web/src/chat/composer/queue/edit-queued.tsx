import type { QueuedTurn } from '@it0/client/queued';
import { isVisible } from '@it0/contracts/invisible';
import { limits } from '@it0/contracts/limits';
import { FileText, X } from 'lucide-react';
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Button } from '../../../ui/button.tsx';
import { useAction } from '../../../ui/use-action.ts';
import { useAutoHeight } from '../../../ui/use-auto-height.ts';
import { isComposing, isTouch } from '../keys.ts';

type Props = {
  turn: QueuedTurn;
  onSave(taskId: string, message: string, attachmentIds: string[]): Promise<unknown>;
  onClose(): void;
};

/** Form for the text and the files of a message that waits. */
export function EditQueued({ turn: { taskId, message }, onSave, onClose }: Props) {
  const t = useTranslations('queue');
  const tComposer = useTranslations('composer');
  const [text, setText] = useState(message.text);
  const [files, setFiles] = useState(message.attachments);
  const { busy, run } = useAction();
  const field = useRef<HTMLTextAreaElement>(null);
  const id = useId();
  useAutoHeight(field, text);
  useEffect(() => field.current?.focus(), []);
  const canSave = isVisible(text) && text.length <= limits.message && !busy;
  const save = () => {
    if (!canSave) return;
    run(async () => {
      await onSave(
        taskId,
        text,
        files.map((file) => file.id),
      );
      onClose();
    });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (isComposing(event)) return;
    if (event.key === 'Escape') onClose();
    if (event.key !== 'Enter' || event.shiftKey || isTouch()) return;
    event.preventDefault();
    save();
  };
  return (
    <div className="grid gap-2">
      <label htmlFor={id} className="sr-only">
        {t('text')}
      </label>
      <textarea
        ref={field}
        id={id}
        data-testid="edit-queued"
        rows={1}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKeyDown}
        className="max-h-52 w-full resize-none rounded-lg border border-line-strong bg-panel px-2.5 py-1.5 text-base outline-none focus:border-accent"
      />
      {files.length > 0 && (
        <ul aria-label={tComposer('files')} className="flex flex-wrap gap-1.5">
          {files.map((file) => (
            <li
              key={file.id}
              className="flex min-w-0 items-center gap-1.5 rounded-lg border border-line-strong pl-2 text-sm"
            >
              <FileText className="size-4 shrink-0 text-soft" />
              <span className="max-w-48 truncate">{file.name}</span>
              <Button
                variant="ghost"
                shape="icon"
                aria-label={tComposer('detach', { name: file.name })}
                onClick={() => setFiles(files.filter((other) => other !== file))}
              >
                <X className="size-4" />
              </Button>
            </li>
          ))}
        </ul>
      )}
      <div className="flex justify-end gap-2">
        <Button variant="ghost" onClick={onClose}>
          {t('cancel')}
        </Button>
        <Button variant="solid" disabled={!canSave} onClick={save}>
          {t('save')}
        </Button>
      </div>
    </div>
  );
}
