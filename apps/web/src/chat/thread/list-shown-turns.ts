import type { ChatState } from '@it0/client/chat-store';
import { getShownTurns } from '@it0/client/chat-view';
import { listQueued } from '@it0/client/queued';
import type { Turn } from '@it0/client/reduce-chat';

/** Returns the turns of the conversation. The queue, which follows them, is above the composer of a person who may write. */
export function listShownTurns(state: ChatState, canWrite: boolean): Turn[] {
  const turns = getShownTurns(state);
  const queued = canWrite ? listQueued({ turns, otherReplies: state.otherReplies }) : [];
  return queued.length > 0 ? turns.filter((turn) => !queued.some(({ taskId }) => taskId === turn.taskId)) : turns;
}
