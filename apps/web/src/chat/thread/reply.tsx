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
import { Markdown } from './markdown/markdown.tsx';
import { ReplyStatus } from './reply-status.tsx';
import { ToolStep } from './tool-step.tsx';

type Props = { answer: Answer; taskId: string; question: string | undefined; name: string };

/** Reply with its text and steps in order, and its status. */
export function Reply({ answer, taskId, question, name }: Props) {
  const t = useTranslations();
  const { chat } = useChatScope();
  const canWrite = useCanWrite();
  const canStop = useCanStop();
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
        <PartView key={toKey(part, index)} part={part} />
      ))}
      <ReplyStatus answer={answer}>
        {status === 'QUEUED' && canStop && <Remove taskId={taskId} />}
        {failed && question && canWrite && <Button onClick={() => chat.send(question)}>{t('status.again')}</Button>}
      </ReplyStatus>
    </article>
  );
}

function Remove({ taskId }: { taskId: string }) {
  const t = useTranslations('outgoing');
  const { stop, stopping } = useStop(taskId);
  return (
    <Button variant="ghost" disabled={stopping} onClick={stop}>
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

const toKey = (part: Part, index: number) => {
  if (part.type === 'tool') return part.callId;
  return part.type === 'approval' ? part.approvalId : index;
};
