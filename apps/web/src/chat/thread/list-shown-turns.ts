import type { ChatState } from '@it0/client/chat-store';
import { getShownTurns } from '@it0/client/chat-view';
import { listQueued } from '@it0/client/queued';
import type { Turn } from '@it0/client/reduce-chat';

/** Returns the turns of the conversation. The queue, which follows them, is above the composer of a person who may write. */
export function listShownTurns(state: ChatState, canWrite: boolean): Turn[] {
  const turns = getShownTurns(state);
  const queued = canWrite ? listQueued({ turns, otherReplies: state.otherReplies }) : [];
  const isShown = (turn: Turn) => !isHidden(turn, state) && !queued.some(({ taskId }) => taskId === turn.taskId);
  return turns.every(isShown) ? turns : turns.filter(isShown);
}

/**
 * Returns whether the message of a turn was removed before the agent received it. It is shown only where a link or a
 * search has found it, and as one of several versions, which its branch begins with.
 */
export const isHidden = ({ taskId, versions, reply, storedReply }: Turn, { anchor }: Pick<ChatState, 'anchor'>) =>
  (storedReply ?? reply)?.reason === 'WITHDRAWN' && versions === null && anchor?.taskId !== taskId;
