import { getReason } from '@it0/client/errors';
import { useChatScope } from '@it0/client/react/chat-scope';
import { useState } from 'react';
import { toast } from 'sonner';
import { useTranslations } from 'use-intl';

/** Ends a task. `stopping` until it is told that the task is over, or that it could not be ended. */
export function useStop(taskId: string | null) {
  const t = useTranslations();
  const { chat } = useChatScope();
  const [asked, setAsked] = useState<string | null>(null);
  const stop = async () => {
    if (!taskId) return;
    setAsked(taskId);
    try {
      await chat.stop(taskId);
    } catch (error) {
      setAsked(null);
      const reason = getReason(error);
      if (reason !== 'TASK_ENDED') toast.error(reason ? t(`reasons.${reason}`) : t('outgoing.unreachable'));
    }
  };
  return { stop: () => void stop(), stopping: taskId !== null && asked === taskId };
}
