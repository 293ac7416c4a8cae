import type { QueuedTurn } from '@it0/client/queued';
import { useChatScope } from '@it0/client/react/chat-scope';
import { useTranslations } from 'use-intl';
import { toast, UNDO_MS } from '../../../ui/toast/toast.ts';
import { useAction } from '../../../ui/toast/use-action.ts';

/** Returns the changes of the queue. Each takes effect with the event of the server, on all screens. */
export function useQueue(turns: QueuedTurn[]) {
  const t = useTranslations('queue');
  const { chat } = useChatScope();
  const { busy, run } = useAction();
  const ids = turns.map(({ taskId }) => taskId);
  /** Moves a message to an index in the list. */
  const moveTo = (taskId: string, index: number) => {
    const others = ids.filter((id) => id !== taskId);
    run(() => chat.moveQueued(taskId, others[index] ?? null));
  };
  return {
    busy,
    moveTo,
    edit: (taskId: string, message: string, attachmentIds: string[]) =>
      chat.editQueued({ taskId, message, attachmentIds }),
    sendNow: (taskId: string) => run(() => chat.sendQueuedNow(taskId)),
    remove: ({ taskId, message }: QueuedTurn) =>
      run(async () => {
        const next = ids[ids.indexOf(taskId) + 1] ?? null;
        const requeue = chat.captureRequeue();
        await chat.stop(taskId);
        const { text, attachments } = message;
        const undo = () => run(() => requeue({ text, attachments }, next));
        const action = { label: t('undo'), onClick: undo };
        toast(t('removed'), { description: text.slice(0, 80), duration: UNDO_MS, action });
      }),
  };
}

export type Queue = ReturnType<typeof useQueue>;
