import { useChat } from '@it0/client/react/chat-scope';
import { findAnswer, type Turn } from '@it0/client/reduce-chat';
import type { Attachment } from '@it0/contracts/attachment';
import { memo, type ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { useEdit } from '../../edit/use-edit.ts';
import { DaySeparator } from '../day/day-separator.tsx';
import { Reply } from '../reply/reply.tsx';
import { MessageEditor } from '../versions/message-editor.tsx';
import { Attachments } from './attachments.tsx';
import { MessageFooter } from './message-footer.tsx';

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
      {turn.message && (
        <Question taskId={turn.taskId} versions={turn.versions} message={turn.message} previousAt={previousAt} />
      )}
      {answer && <Reply answer={answer} taskId={turn.taskId} message={turn.message} name={name} />}
    </>
  );
});

type QuestionProps = Pick<Turn, 'taskId' | 'versions'> & {
  message: NonNullable<Turn['message']>;
  previousAt: string | undefined;
};

/** A person's message, or the field in which it is edited. It stays the same while the reply grows. */
const Question = memo(({ taskId, versions, message, previousAt }: QuestionProps) => {
  const edit = useEdit(taskId);
  return (
    <>
      <DaySeparator at={message.createdAt} previousAt={previousAt} />
      {edit ? (
        <MessageEditor edit={edit} message={message} />
      ) : (
        <UserMessage text={message.text} attachments={message.attachments} sent>
          <MessageFooter taskId={taskId} message={message} versions={versions} />
        </UserMessage>
      )}
    </>
  );
});

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
        className="max-w-[min(100%,42rem)] whitespace-pre-wrap rounded-2xl rounded-br-md bg-accent-wash px-3.5 py-2 [overflow-wrap:anywhere] [unicode-bidi:plaintext]"
      >
        {text}
      </p>
      <Attachments attachments={attachments} sent={sent} />
      {children}
    </article>
  );
}
