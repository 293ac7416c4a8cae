import { getShownTurns } from '@it0/client/chat-view';
import { listQueued } from '@it0/client/queued';
import { useChat } from '@it0/client/react/chat-scope';
import { useMemo } from 'react';
import { useCanWrite } from '../use-can-write.ts';

/** Returns the turns of the conversation. The queue, which follows them, is above the composer if there is one. */
export function useShownTurns() {
  const turns = useChat(getShownTurns);
  const otherReplies = useChat((state) => state.otherReplies);
  const canWrite = useCanWrite();
  return useMemo(() => {
    const queued = canWrite ? listQueued({ turns, otherReplies }) : [];
    return queued.length > 0 ? turns.filter((turn) => !queued.some(({ taskId }) => taskId === turn.taskId)) : turns;
  }, [turns, otherReplies, canWrite]);
}
