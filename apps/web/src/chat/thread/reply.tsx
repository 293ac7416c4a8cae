import type { Answer, Turn } from '@it0/client/reduce-chat';
import { arrangeParts, type ReplyItem } from '@it0/client/tool/arrange-parts';
import { isTerminal } from '@it0/contracts/chat-event';
import { useTranslations } from 'use-intl';
import { Button } from '../../ui/button.tsx';
import { useCanStop } from '../agent.tsx';
import { useStop } from '../composer/use-stop.ts';
import { useCanWrite } from '../use-can-write.ts';
import { ApprovalCard } from './approval-card.tsx';
import { Markdown } from './markdown/markdown.tsx';
import { ReplyFooter } from './reply-footer.tsx';
import { ReplyStatus } from './reply-status.tsx';
import { ToolRun } from './tool/tool-run.tsx';
import { ToolStep } from './tool/tool-step.tsx';
import { useAskAgain } from './use-ask-again.ts';

type Props = { answer: Answer; taskId: string; message: Turn['message']; name: string };

/** Reply with its text and steps in order, and its status. */
export function Reply({ answer, taskId, message, name }: Props) {
  const t = useTranslations();
  const canWrite = useCanWrite();
  const canStop = useCanStop();
  const { parts, status } = answer;
  const failed = status === 'FAILED' || status === 'TIMED_OUT';
  const ended = isTerminal(status);
  const items = arrangeParts(parts, ended);
  const askAgain = useAskAgain();
  const again = canWrite && message ? () => void askAgain(message) : null;
  return (
    <article
      data-testid="reply"
      data-status={status}
      aria-label={t('chat.answer', { name })}
      aria-busy={!ended}
      className="group/reply flex flex-col gap-3"
    >
      {items.map((item) => (
        <Item key={item.key} item={item} />
      ))}
      {status === 'COMPLETED' && items.length === 0 && <p className="text-soft italic">{t('reply.empty')}</p>}
      <ReplyStatus answer={answer} sentAt={message?.createdAt}>
        {!ended && canStop && <Stop taskId={taskId} isQueued={status === 'QUEUED'} />}
        {failed && again && <Button onClick={again}>{t('reply.again')}</Button>}
      </ReplyStatus>
      {ended && (
        <ReplyFooter answer={answer} taskId={taskId} sentAt={message?.createdAt} askAgain={failed ? null : again} />
      )}
    </article>
  );
}

function Stop({ taskId, isQueued }: { taskId: string; isQueued: boolean }) {
  const t = useTranslations();
  const { stop, stopping } = useStop(taskId);
  return (
    <Button variant="ghost" disabled={stopping} onClick={stop}>
      {t(isQueued ? 'outgoing.remove' : 'composer.stop')}
    </Button>
  );
}

function Item({ item }: { item: ReplyItem }) {
  if (item.type === 'text') return <Markdown text={item.text} />;
  if (item.type === 'tool') return <ToolStep item={item} />;
  if (item.type === 'run') return <ToolRun items={item.items} />;
  return <ApprovalCard step={item.approval} isFinal={item.isFinal} />;
}
