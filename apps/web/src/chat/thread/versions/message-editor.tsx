import { getShownTurns } from '@it0/client/chat-view';
import type { MessageEdit } from '@it0/client/draft/message-edits';
import { useChat, useChatScope } from '@it0/client/react/chat-scope';
import { findAnswer, type Turn } from '@it0/client/reduce-chat';
import type { Attachment } from '@it0/contracts/attachment';
import { isTerminal } from '@it0/contracts/event-kinds';
import { useRef } from 'react';
import { useTranslations } from 'use-intl';
import { useAgent } from '../../agent.tsx';
import { EditForm } from '../../edit/edit-form.tsx';
import { copyFile } from '../message/copy-file.ts';

type Props = { edit: MessageEdit; message: NonNullable<Turn['message']> };

/** Field with the text and files of a message. They are sent as another version of it. */
export function MessageEditor({ edit, message }: Props) {
  const t = useTranslations('versions');
  const { chat } = useChatScope();
  const agent = useAgent();
  const container = useRef<HTMLDivElement>(null);
  const { taskId } = edit;
  const isSent = ({ id }: Attachment) => message.attachments.some((file) => file.id === id);
  const focusMessage = () => {
    const section = container.current?.closest('section');
    // The button of the message, which is there again.
    requestAnimationFrame(() => section?.querySelector<HTMLElement>(`[data-edit="${taskId}"]`)?.focus());
  };
  return (
    <div ref={container} className="mb-3">
      <EditForm
        edit={edit}
        label={t('editor')}
        testId="message-editor"
        submitLabel={t('send')}
        canSubmit={agent.status === 'RUNNING'}
        onSubmit={async (text, attachments) => {
          const submit = chat.captureSend();
          const files = attachments.map((file) => (isSent(file) ? copyFile(file) : file));
          submit(text, await Promise.all(files), taskId);
        }}
        onCancel={focusMessage}
      >
        <Hints taskId={taskId} />
      </EditForm>
    </div>
  );
}

/** Says what another version of the message does not change. */
function Hints({ taskId }: { taskId: string }) {
  const t = useTranslations('versions');
  const turns = useChat(getShownTurns);
  const isAtLatest = useChat((state) => state.window === null);
  const later = turns.slice(turns.findIndex((turn) => turn.taskId === taskId));
  const isOpen = later.some(({ reply }) => reply && !isTerminal(reply.status));
  return (
    <>
      <p>{t('hint')}</p>
      {later.some(hasChanged) && <p className="text-warn">{t('notUndone')}</p>}
      {isAtLatest && isOpen && <p className="text-warn">{t('queued')}</p>}
    </>
  );
}

/** Tools that can change something on the machine. */
const CHANGING_TOOLS = /(run_command|write_file|edit_file)$/;

const hasChanged = (turn: Turn) =>
  findAnswer(turn)?.parts.some((part) => part.type === 'tool' && CHANGING_TOOLS.test(part.name)) ?? false;
