import { useChat } from '@it0/client/react/chat-scope';
import { findAnswer, type Turn } from '@it0/client/reduce-chat';
import type { Attachment } from '@it0/contracts/attachment';
import { memo, type ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { Attachments } from './attachments.tsx';
import { DaySeparator } from './day-separator.tsx';
import { MessageFooter } from './message-footer.tsx';
import { Reply } from './reply.tsx';
import { useEdit } from './versions/edit-scope.tsx';
import { MessageEditor } from './versions/message-editor.tsx';

type TurnProps = {
  turn: Turn;
  /** Time of the message before, in ISO 8601; undefined for the first one. */
  previousAt: string | undefined;
  name: string;
};

/** Message with its reply. */
export const TurnRow = memo(function TurnRow({ turn, previousAt, name }: TurnProps) {
  const answer = findAnswer(turn);
  return (
    <>
      {turn.message && <DaySeparator at={turn.message.createdAt} previousAt={previousAt} />}
      {turn.message && <SentMessage turn={turn} message={turn.message} />}
      {answer && <Reply answer={answer} taskId={turn.taskId} message={turn.message} name={name} />}
    </>
  );
});

/** A person's message, or the field in which it is edited. */
function SentMessage({ turn: { taskId, versions }, message }: { turn: Turn; message: NonNullable<Turn['message']> }) {
  const { edit } = useEdit();
  if (edit?.taskId === taskId) return <MessageEditor edit={edit} />;
  return (
    <UserMessage text={message.text} attachments={message.attachments} sent>
      <MessageFooter taskId={taskId} message={message} versions={versions} />
    </UserMessage>
  );
}

type UserMessageProps = { text: string; attachments: Attachment[]; sent?: boolean; children?: ReactNode };

/** A person's message as plain text, with its attachments. */
export function UserMessage({ text, attachments, sent = false, children }: UserMessageProps) {
  const t = useTranslations('chat');
  const mine = useChat((state) => state.mine);
  return (
    <article
      aria-label={t(mine ? 'you' : 'message')}
      className="group/message mb-3 flex flex-col items-end gap-1 pl-10"
    >
      <p
        dir="auto"
        className="max-w-full whitespace-pre-wrap rounded-2xl rounded-br-md bg-accent-wash px-3.5 py-2 [overflow-wrap:anywhere] [unicode-bidi:plaintext]"
      >
        {text}
      </p>
      <Attachments attachments={attachments} sent={sent} />
      {children}
    </article>
  );
}
