import type { ChatState } from '@it0/client/chat-store';
import { getShownTurns, hasOlder } from '@it0/client/chat-view';
import { useChat } from '@it0/client/react/chat-scope';
import type { Turn } from '@it0/client/reduce-chat';
import { memo, type Ref } from 'react';
import { listShownTurns } from './list-shown-turns.ts';
import { OutgoingRow } from './message/outgoing-row.tsx';
import { TurnRow } from './message/turn-row.tsx';

type Props = {
  /** Key of the turn or unsent message. */
  id: string;
  /** Key of the row before; undefined for the first one. */
  previousId: string | undefined;
  index: number;
  name: string;
  measure: Ref<HTMLDivElement>;
};

/** Returns the keys of the rows: those of the turns that are shown, then those of the unsent messages. */
export const listRowKeys = (state: ChatState, canWrite: boolean): string[] => [
  ...listShownTurns(state, canWrite).map(({ key }) => key),
  ...(state.window ? [] : state.outgoing.map(({ requestId }) => requestId)),
];

/**
 * Row of a conversation. It follows its own turn, so that a reply that is streamed renders this row and nothing around
 * it. An unsent message becomes a turn in the same row.
 */
export const Row = memo(function Row({ id, previousId, index, name, measure }: Props) {
  const turn = useChat((state) => findTurn(state, id, index));
  const previousAt = useChat((state) => findPreviousTime(state, turn, previousId, index));
  const message = useChat(({ outgoing }) => outgoing.find(({ requestId }) => requestId === id));
  const isMarked = useChat(({ anchor }) => anchor?.isMarked && anchor.taskId === turn?.taskId);
  return (
    <div
      ref={measure}
      data-index={index}
      data-marked={isMarked || undefined}
      className="contain-layout contain-style absolute inset-x-0 px-4 pb-6 data-marked:border-accent data-marked:border-l-2 data-marked:pl-3 sm:px-6"
    >
      {turn ? (
        <TurnRow turn={turn} previousAt={previousAt} name={name} />
      ) : (
        message && <OutgoingRow message={message} />
      )}
    </div>
  );
});

/**
 * Returns the time of the message before a turn. The one before the first turn is not loaded yet, and most likely of the
 * same day.
 */
function findPreviousTime(state: ChatState, turn: Turn | undefined, previousId: string | undefined, index: number) {
  if (previousId !== undefined) return findTurn(state, previousId, index - 1)?.message?.createdAt;
  return hasOlder(state) ? turn?.message?.createdAt : undefined;
}

/** Finds a turn. It is at `index`, unless turns before it are loaded or hidden. */
function findTurn(state: ChatState, id: string | undefined, index: number) {
  const turns = getShownTurns(state);
  return turns[index]?.key === id ? turns[index] : turns.findLast(({ key }) => key === id);
}
