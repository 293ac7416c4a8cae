import { useChatScope } from '@it0/client/react/chat-scope';
import type { Answer } from '@it0/client/reduce-chat';
import { isTerminal } from '@it0/contracts/chat-event';
import type { Part } from '@it0/contracts/reply';
import { useTranslations } from 'use-intl';
import { Button } from '../../ui/button.tsx';
import { useCanStop } from '../agent.tsx';
import { useStop } from '../composer/use-stop.ts';
import { useCanWrite } from '../use-can-write.ts';
import { ApprovalCard } from './approval-card.tsx';
import { Markdown } from './markdown.tsx';
import { ReplyStatus } from './reply-status.tsx';
import { ToolStep } from './tool-step.tsx';

type Props = { answer: Answer; taskId: string; question: string | undefined; name: string };

/** An answer: text and steps in the order in which they happened, and how it stands. */
export function Reply({ answer, taskId, question, name }: Props) {
  const t = useTranslations();
  const { chat } = useChatScope();
  const writes = useCanWrite();
  const stops = useCanStop();
  const { parts, status } = answer;
  const failed = status === 'FAILED' || status === 'TIMED_OUT';
  return (
    <article
      data-testid="reply"
      data-status={status}
      aria-label={t('chat.answer', { name })}
      aria-busy={!isTerminal(status)}
      className="flex flex-col gap-3"
    >
      {parts.map((part, index) => (
        <PartView key={keyOf(part, index)} part={part} />
      ))}
      <ReplyStatus answer={answer}>
        {status === 'QUEUED' && stops && <Remove taskId={taskId} />}
        {failed && question && writes && <Button onClick={() => chat.send(question)}>{t('status.again')}</Button>}
      </ReplyStatus>
    </article>
  );
}

function Remove({ taskId }: { taskId: string }) {
  const t = useTranslations('outgoing');
  const { stop, stopping } = useStop(taskId);
  return (
    <Button look="plain" disabled={stopping} onClick={stop}>
      {t('remove')}
    </Button>
  );
}

function PartView({ part }: { part: Part }) {
  if (part.type === 'text') return <Markdown text={part.text} />;
  if (part.type === 'attachment') return null;
  if (part.type === 'tool') return <ToolStep step={part} />;
  return <ApprovalCard step={part} />;
}

const keyOf = (part: Part, index: number) => {
  if (part.type === 'tool') return part.callId;
  return part.type === 'approval' ? part.approvalId : index;
};
