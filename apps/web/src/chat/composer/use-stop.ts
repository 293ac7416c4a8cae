import { getReason } from '@it0/client/errors';
import { useChatScope } from '@it0/client/react/chat-scope';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { toast } from '../../ui/toast.ts';

/** Returns a function that cancels the task. `stopping` is true until the task has ended or the request has failed. */
export function useStop(taskId: string | null) {
  const t = useTranslations();
  const { chat } = useChatScope();
  const [stoppingId, setStoppingId] = useState<string | null>(null);
  const stop = async () => {
    if (!taskId) return;
    setStoppingId(taskId);
    try {
      await chat.stop(taskId);
    } catch (error) {
      setStoppingId(null);
      const reason = getReason(error);
      if (reason !== 'TASK_ENDED') toast.error(reason ? t(`reasons.${reason}`) : t('form.unreachable'));
    }
  };
  return { stop: () => void stop(), stopping: taskId !== null && stoppingId === taskId };
}
