import { getReason } from '@it0/client/errors';
import { useChatScope } from '@it0/client/react/chat-scope';
import { useState } from 'react';
import { toast } from '../../ui/toast/toast.ts';
import { useErrorMessage } from '../../ui/use-error-message.ts';

/** Returns a function that cancels the task. `stopping` is true until the task has ended or the request has failed. */
export function useStop(taskId: string | null) {
  const formatError = useErrorMessage();
  const { chat } = useChatScope();
  const [stoppingId, setStoppingId] = useState<string | null>(null);
  const stop = async () => {
    if (!taskId) return;
    setStoppingId(taskId);
    try {
      await chat.stop(taskId);
    } catch (error) {
      setStoppingId(null);
      if (getReason(error) !== 'TASK_ENDED') toast.error(formatError(error));
    }
  };
  return { stop: () => void stop(), stopping: taskId !== null && stoppingId === taskId };
}
