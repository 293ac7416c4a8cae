import { isTerminal } from '@it0/contracts/event-kinds';
import type { Chat, Turn } from './chat.ts';

/** A turn whose message waits behind another one. */
export type QueuedTurn = Turn & { message: NonNullable<Turn['message']> };

/**
 * Returns the messages that wait behind the first one that has not ended, in their order. The server accepts changes of
 * them only. The first one can be of another branch. Reads only the end of the list, since it runs for every event.
 */
export function listQueued({ turns, otherReplies }: Pick<Chat, 'turns' | 'otherReplies'>): QueuedTurn[] {
  const queued: QueuedTurn[] = [];
  const isBehindOther = otherReplies.some(({ status }) => status !== 'QUEUED');
  for (let index = turns.length - 1; index >= 0; index--) {
    const turn = turns[index]!;
    const status = turn.storedReply?.status ?? turn.reply?.status ?? 'COMPLETED';
    if (status === 'QUEUED' && turn.message) queued.unshift(turn as QueuedTurn);
    // One that was removed from the queue can be anywhere in it.
    else if (status !== 'CANCELLED') return isTerminal(status) && !isBehindOther ? queued.slice(1) : queued;
  }
  return isBehindOther ? queued : queued.slice(1);
}
