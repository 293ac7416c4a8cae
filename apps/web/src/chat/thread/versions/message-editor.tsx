import { getShownTurns } from '@it0/client/chat-view';
import { useChat, useChatScope } from '@it0/client/react/chat-scope';
import { findAnswer, type Turn } from '@it0/client/reduce-chat';
import { isTerminal } from '@it0/contracts/chat-event';
import { isVisible } from '@it0/contracts/display-name';
import { limits } from '@it0/contracts/limits';
import { type KeyboardEvent, useEffect, useId, useLayoutEffect, useRef, useState } from 'react';
import { toast } from 'sonner';
import { useTranslations } from 'use-intl';
import { Button } from '../../../ui/button.tsx';
import { useAgent } from '../../agent.tsx';
import { copyFile } from '../copy-file.ts';
import { type Edit, useEdit } from './edit-scope.tsx';
import { EditedFiles } from './edited-files.tsx';

/** Field with the text and files of a message. They are sent as another version of it. */
export function MessageEditor({ edit }: { edit: Edit }) {
  const t = useTranslations();
  const { chat } = useChatScope();
  const { setEdit } = useEdit();
  const agent = useAgent();
  const hint = useId();
  const [sending, setSending] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const { taskId, text, attachments } = edit;
  const excess = text.length - limits.message;
  const canSend = isVisible(text) && excess <= 0 && !sending && agent.status === 'RUNNING';
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
      submit(text, await Promise.all(attachments.map(copyFile)), taskId);
      setEdit(null);
    } catch {
      setSending(false);
      toast.error(t('reply.filesMissing'));
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    if (event.key === 'Escape') {
      event.preventDefault();
      close();
    }
    if (event.key !== 'Enter' || event.shiftKey || matchMedia('(pointer: coarse)').matches) return;
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
        files={attachments}
        onRemove={(id) => setEdit({ ...edit, attachments: attachments.filter((file) => file.id !== id) })}
      />
      <Hints id={hint} taskId={taskId} excess={excess} />
      <div className="flex justify-end gap-2">
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

/** Says what another version of the message does not change. */
function Hints({ id, taskId, excess }: { id: string; taskId: string; excess: number }) {
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
    </div>
  );
}

/** Tools that can change something on the machine. */
const CHANGING_TOOLS = /(run_command|write_file|edit_file)$/;

const hasChanged = (turn: Turn) =>
  findAnswer(turn)?.parts.some((part) => part.type === 'tool' && CHANGING_TOOLS.test(part.name)) ?? false;

function useAutoHeight(field: React.RefObject<HTMLTextAreaElement | null>, text: string) {
  useLayoutEffect(() => {
    const { current } = field;
    if (!current) return;
    current.style.height = 'auto';
    current.style.height = `${current.scrollHeight + 2}px`;
  }, [field, text]);
}
