import { useChatScope } from '@it0/client/react/chat-scope';
import type { Answer } from '@it0/client/reduce-chat';
import { arrangeParts, type ReplyItem } from '@it0/client/tool/arrange-parts';
import { isTerminal } from '@it0/contracts/chat-event';
import { useTranslations } from 'use-intl';
import { Button } from '../../ui/button.tsx';
import { useCanStop } from '../agent.tsx';
import { useStop } from '../composer/use-stop.ts';
import { useCanWrite } from '../use-can-write.ts';
import { ApprovalCard } from './approval-card.tsx';
import { Markdown } from './markdown/markdown.tsx';
import { ReplyStatus } from './reply-status.tsx';
import { ToolRun } from './tool/tool-run.tsx';
import { ToolStep } from './tool/tool-step.tsx';

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
      {arrangeParts(parts, isTerminal(status)).map((item) => (
        <Item key={item.key} item={item} />
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

function Item({ item }: { item: ReplyItem }) {
  if (item.type === 'text') return <Markdown text={item.text} />;
  if (item.type === 'tool') return <ToolStep item={item} />;
  if (item.type === 'run') return <ToolRun items={item.items} />;
  return <ApprovalCard step={item.approval} isFinal={item.isFinal} />;
}
