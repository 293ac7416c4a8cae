import { getShownTurns } from '@it0/client/chat-view';
import { getReason } from '@it0/client/errors';
import { useChat, useChatScope } from '@it0/client/react/chat-scope';
import { findAnswer, type Turn } from '@it0/client/reduce-chat';
import type { Attachment } from '@it0/contracts/attachment';
import { isTerminal } from '@it0/contracts/event-kinds';
import { isVisible } from '@it0/contracts/invisible';
import { limits } from '@it0/contracts/limits';
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Button } from '../../../ui/button.tsx';
import { toast } from '../../../ui/toast.ts';
import { useAutoHeight } from '../../../ui/use-auto-height.ts';
import { useAgent } from '../../agent.tsx';
import { FileButton } from '../../composer/file-button.tsx';
import { isComposing, isTouch } from '../../composer/keys.ts';
import { upload } from '../../composer/upload.ts';
import { copyFile } from '../copy-file.ts';
import { type Edit, type EditedFile, useEdit } from './edit-scope.tsx';
import { EditedFiles, toEditedFile } from './edited-files.tsx';

/** Field with the text and files of a message. They are sent as another version of it. */
export function MessageEditor({ edit }: { edit: Edit }) {
  const t = useTranslations();
  const { chat } = useChatScope();
  const { setEdit } = useEdit();
  const agent = useAgent();
  const hint = useId();
  const [sending, setSending] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const { taskId, text, files } = edit;
  const excess = text.length - limits.message;
  const fits = excess <= 0 && !hasTooManyFiles(files);
  const canSend = isVisible(text) && fits && !sending && agent.status === 'RUNNING';
  useAutoHeight(field, text);
  useEffect(() => {
    const { current } = field;
    current?.focus({ preventScroll: true });
    current?.setSelectionRange(current.value.length, current.value.length);
  }, []);

  const close = () => {
    const section = field.current?.closest('section');
    setEdit(null);
    // The button of the message, which is there again.
    requestAnimationFrame(() => section?.querySelector<HTMLElement>(`[data-edit="${taskId}"]`)?.focus());
  };
  const send = async () => {
    if (!canSend) return;
    setSending(true);
    const submit = chat.captureSend();
    try {
      submit(text, await Promise.all(files.map(({ source }) => prepareFile(source))), taskId);
      setEdit(null);
    } catch (error) {
      setSending(false);
      const reason = getReason(error);
      toast.error(reason ? t(`reasons.${reason}`) : t('reply.filesMissing'));
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (isComposing(event)) return;
    if (event.key === 'Escape') {
      event.preventDefault();
      close();
    }
    if (event.key !== 'Enter' || event.shiftKey || isTouch()) return;
    event.preventDefault();
    void send();
  };
  return (
    <form
      aria-label={t('versions.editor')}
      className="mb-3 flex flex-col gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <textarea
        ref={field}
        data-testid="message-editor"
        rows={1}
        value={text}
        dir="auto"
        aria-label={t('versions.text')}
        aria-describedby={hint}
        onChange={(event) => setEdit({ ...edit, text: event.target.value })}
        onKeyDown={onKeyDown}
        className="max-h-[50dvh] min-h-11 w-full resize-none rounded-2xl border border-accent bg-raised px-3.5 py-2 text-base outline-none"
      />
      <EditedFiles
        files={files}
        onRemove={(key) => setEdit({ ...edit, files: files.filter((file) => file.key !== key) })}
      />
      <Hints id={hint} edit={edit} excess={excess} />
      <div className="flex items-center gap-2">
        <FileButton
          testId="edited-file-input"
          onFiles={(added) => setEdit({ ...edit, files: [...files, ...added.map(toEditedFile)] })}
        />
        <span className="flex-1" />
        <Button variant="ghost" onClick={close}>
          {t('app.cancel')}
        </Button>
        <Button type="submit" variant="solid" disabled={!canSend}>
          {t('versions.send')}
        </Button>
      </div>
    </form>
  );
}

/** Uploads a file, or a copy of one that was sent. */
const prepareFile = (source: Attachment | File): Promise<Attachment> =>
  source instanceof File
    ? upload(source, { onProgress: () => {}, signal: new AbortController().signal })
    : copyFile(source);

const hasTooManyFiles = (files: EditedFile[]) =>
  files.length > limits.attachments || files.reduce((sum, { size }) => sum + size, 0) > limits.attachmentsBytes;

/** Says what another version of the message does not change, and why it cannot be sent. */
function Hints({ id, edit: { taskId, files }, excess }: { id: string; edit: Edit; excess: number }) {
  const t = useTranslations();
  const turns = useChat(getShownTurns);
  const isAtLatest = useChat((state) => state.window === null);
  const later = turns.slice(turns.findIndex((turn) => turn.taskId === taskId));
  const isOpen = later.some(({ reply }) => reply && !isTerminal(reply.status));
  return (
    <div id={id} className="flex flex-col gap-1 text-soft text-sm">
      <p>{t('versions.hint')}</p>
      {later.some(hasChanged) && <p className="text-warn">{t('versions.notUndone')}</p>}
      {isAtLatest && isOpen && <p className="text-warn">{t('versions.queued')}</p>}
      {excess > 0 && <p className="text-bad">{t('composer.tooLong', { count: excess })}</p>}
      {hasTooManyFiles(files) && (
        <p className="text-bad">
          {t('composer.tooMany', { count: limits.attachments, size: limits.attachmentsBytes / 1024 / 1024 })}
        </p>
      )}
    </div>
  );
}

/** Tools that can change something on the machine. */
const CHANGING_TOOLS = /(run_command|write_file|edit_file)$/;

const hasChanged = (turn: Turn) =>
  findAnswer(turn)?.parts.some((part) => part.type === 'tool' && CHANGING_TOOLS.test(part.name)) ?? false;
