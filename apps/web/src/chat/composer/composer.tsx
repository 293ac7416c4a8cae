import { canSendFiles, type DraftFile, exceedsFileLimits } from '@it0/client/draft/draft-files';
import { useChat, useChatScope } from '@it0/client/react/chat-scope';
import { isVisible } from '@it0/contracts/invisible';
import { limits } from '@it0/contracts/limits';
import { ArrowUp, Square } from 'lucide-react';
import { type ClipboardEvent, type KeyboardEvent, useEffect, useRef } from 'react';
import { useTranslations } from 'use-intl';
import { Button } from '../../ui/button.tsx';
import { useAutoHeight } from '../../ui/form/use-auto-height.ts';
import { DictationBar } from '../../voice/dictation-bar.tsx';
import { DictationButton } from '../../voice/dictation-button.tsx';
import { useDictation } from '../../voice/use-dictation.ts';
import { useAgent, useCanStop } from '../agent.tsx';
import { Suggestions } from '../scripted.tsx';
import { useActiveTaskId } from '../use-active-task-id.ts';
import { DraftFiles } from './draft-files.tsx';
import { FileButton } from './file-button.tsx';
import { isComposing, isTouch } from './keys.ts';
import { OtherDraft } from './other-draft.tsx';
import { QueuedMessages } from './queue/queued-messages.tsx';
import { FieldsBar } from './slash/fields-bar.tsx';
import { SlashList } from './slash/slash-list.tsx';
import { useFields } from './slash/use-fields.ts';
import { useSlash } from './slash/use-slash.ts';
import { useAttach, useDroppedFiles } from './use-attach.ts';
import { useSaveDrafts } from './use-save-drafts.ts';
import { useStop } from './use-stop.ts';

type Props = { onSessions(): void; onRename(): void };

/** Input for messages. A message sent while a task runs is queued. */
export function Composer({ onSessions, onRename }: Props) {
  const t = useTranslations();
  const agent = useAgent();
  const { chat } = useChatScope();
  const draft = useChat((state) => state.draft);
  const files = useChat((state) => state.files);
  const refused = useChat((state) => state.phase === 'refused');
  const started = useChat((state) => state.turns.length > 0);
  const taskId = useActiveTaskId();
  const canStop = useCanStop();
  const { stop, stopping } = useStop(taskId);
  const field = useRef<HTMLTextAreaElement>(null);
  useAutoHeight(field, draft);
  useDroppedFiles(field);
  const attach = useAttach();
  const fields = useFields(field);
  const slash = useSlash({ onPrompt: fields.insert, onSessions, onRename });
  useSaveDrafts();
  const dictation = useDictation(field);
  useEffect(() => {
    // On a phone the keyboard would cover the conversation.
    if (matchMedia('(pointer: fine)').matches) field.current?.focus();
  }, []);

  const isUnavailable = agent.status !== 'RUNNING';
  const excess = draft.length - limits.message;
  const canSend = isVisible(draft) && excess <= 0 && canSendFiles(files) && !refused && !isUnavailable;
  const send = () => {
    if (!canSend) return;
    chat.send(draft);
    field.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (isComposing(event) || slash.onKeyDown(event) || fields.onKeyDown(event)) return;
    if (event.key === 'Escape') field.current?.blur();
    if (event.key === 'ArrowUp' && draft === '' && editLatest(field.current)) event.preventDefault();
    // On a touch screen, only the button sends: its keyboard has no Shift+Enter.
    if (event.key !== 'Enter' || event.shiftKey || isTouch()) return;
    event.preventDefault();
    send();
  };
  const onPaste = (event: ClipboardEvent) => {
    const { clipboardData } = event;
    // Programs for tables and texts add a picture of what was copied.
    if (clipboardData.files.length === 0 || clipboardData.getData('text/plain')) return;
    event.preventDefault();
    attach(clipboardData);
  };
  return (
    <div className="chat-column px-3 pt-1 pb-[max(0.75rem,env(safe-area-inset-bottom))] sm:px-6">
      {agent.scripted && started && !isUnavailable && !refused && <Suggestions className="chip-row pb-2" />}
      <Obstacles excess={excess} files={files} />
      <QueuedMessages />
      <OtherDraft />
      <DraftFiles />
      <FieldsBar fields={fields} />
      <SlashList slash={slash} />
      <DictationBar dictation={dictation} />
      <div className="flex items-end gap-1.5 rounded-2xl border border-line-strong bg-raised p-1.5 shadow-(--shadow) focus-within:border-accent">
        <FileButton testId="file-input" disabled={refused} onFiles={chat.attach} />
        <DictationButton dictation={dictation} disabled={refused} />
        <textarea
          ref={field}
          data-testid="composer"
          rows={1}
          value={draft}
          disabled={refused}
          onChange={(event) => chat.setDraft(event.target.value)}
          {...slash.fieldProps}
          onKeyDown={onKeyDown}
          onPaste={onPaste}
          onBlur={() => chat.saveDrafts()}
          enterKeyHint={isTouch() ? 'enter' : 'send'}
          aria-label={t('composer.label', { name: agent.name })}
          placeholder={t('composer.placeholder', { name: agent.name })}
          aria-description={isTouch() ? undefined : t('composer.hint')}
          className="max-h-[40dvh] min-h-9 min-w-0 flex-1 resize-none bg-transparent px-1 py-1.5 text-base outline-none placeholder:overflow-hidden placeholder:text-ellipsis placeholder:whitespace-nowrap placeholder:text-faint pointer-coarse:min-h-11 pointer-coarse:py-2.5"
        />
        {taskId && canStop && (
          <Button data-testid="stop" shape="icon" aria-label={t('composer.stop')} disabled={stopping} onClick={stop}>
            <Square className="size-3.5 fill-current" />
          </Button>
        )}
        <Button
          data-testid="send"
          variant="solid"
          shape="icon"
          aria-label={t('composer.send')}
          disabled={!canSend}
          onClick={send}
        >
          <ArrowUp className="size-4.5" strokeWidth={2.4} />
        </Button>
      </div>
    </div>
  );
}

const MAX_TOTAL_MB = limits.attachmentsBytes / 1024 / 1024;

/** Says why the message cannot be sent. */
function Obstacles({ excess, files }: { excess: number; files: DraftFile[] }) {
  const t = useTranslations();
  const { status } = useAgent();
  return (
    <>
      {status !== 'RUNNING' && (
        <p className="pb-2 text-sm text-warn">{t(`chat.${status === 'DEPLOYING' ? 'deploying' : 'notRunning'}`)}</p>
      )}
      {excess > 0 && <p className="pb-2 text-bad text-sm">{t('composer.tooLong', { count: excess })}</p>}
      {exceedsFileLimits(files) && (
        <p className="pb-2 text-bad text-sm">
          {t('composer.tooMany', { count: limits.attachments, size: MAX_TOTAL_MB })}
        </p>
      )}
    </>
  );
}

/** Edits the latest message that is shown. Returns false if there is none. */
function editLatest(field: HTMLElement | null) {
  const button = [...(field?.closest('section')?.querySelectorAll<HTMLElement>('[data-edit]') ?? [])].at(-1);
  button?.click();
  return button !== undefined;
}
