import type { Answer, Turn } from '@it0/client/reduce-chat';
import { isTerminal } from '@it0/contracts/event-kinds';
import { memo } from 'react';
import { useTranslations } from 'use-intl';
import { Button } from '../../../ui/button.tsx';
import { useCanStop } from '../../agent.tsx';
import { useStop } from '../../composer/use-stop.ts';
import { useCanWrite } from '../../use-can-write.ts';
import { ReplyFooter } from './reply-footer.tsx';
import { ReplyStatus } from './reply-status.tsx';
import { useAskAgain } from './use-ask-again.ts';

type Props = { answer: Answer; taskId: string; message: Turn['message'] };

/** End of a reply: its status while it is not complete, and what can be done with it. */
export const ReplyEnd = memo(function ReplyEnd({ answer, taskId, message }: Props) {
  const t = useTranslations('reply');
  const canWrite = useCanWrite();
  const canStop = useCanStop();
  const askAgain = useAskAgain();
  const { status } = answer;
  const failed = status === 'FAILED' || status === 'TIMED_OUT';
  const ended = isTerminal(status);
  const again = canWrite && message ? () => void askAgain(message) : null;
  return (
    <>
      <ReplyStatus answer={answer} sentAt={message?.createdAt}>
        {!ended && canStop && <Stop taskId={taskId} isQueued={status === 'QUEUED'} />}
        {failed && again && <Button onClick={again}>{t('again')}</Button>}
      </ReplyStatus>
      {ended && (
        <ReplyFooter answer={answer} taskId={taskId} sentAt={message?.createdAt} askAgain={failed ? null : again} />
      )}
    </>
  );
}, isSameEnd);

/** Returns whether the end is the same. The parts of a reply belong to it only when the reply has ended. */
function isSameEnd(before: Props, after: Props) {
  if (before.taskId !== after.taskId || before.message !== after.message) return false;
  const { status, modelRetry } = after.answer;
  if (isTerminal(status)) return before.answer === after.answer;
  return before.answer.status === status && before.answer.modelRetry === modelRetry;
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
