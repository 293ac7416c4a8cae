import type { ChatEvent } from '@it0/contracts/chat-event';

type Piece = Extract<ChatEvent, { type: 'text' }>;

/**
 * Lets a reader's events pass, but no piece of text that would leave a hole in what the reader has: such a piece waits
 * for the text before it, which `askFor` is to bring as one more event.
 */
export function joinTexts(askFor: (taskId: string) => void) {
  const ends = new Map<string, number>();
  let held: Piece[] = [];
  const isHeld = (taskId: string) => held.some((piece) => piece.taskId === taskId);

  function joins({ taskId, offset, delta }: Piece): boolean {
    if (offset > (ends.get(taskId) ?? 0)) return false;
    ends.set(taskId, offset + delta.length);
    return true;
  }

  return (event: ChatEvent): ChatEvent[] => {
    const { type, taskId } = event;
    if (type === 'completed' || type === 'error') {
      ends.delete(taskId);
      held = held.filter((piece) => piece.taskId !== taskId);
    }
    if (type !== 'text') return [event];
    if (!joins(event)) {
      if (!isHeld(taskId)) askFor(taskId);
      held.push(event);
      return [];
    }
    if (!isHeld(taskId)) return [event];
    const joined = held.filter((piece) => piece.taskId === taskId && joins(piece));
    held = held.filter((piece) => !joined.includes(piece));
    if (isHeld(taskId)) askFor(taskId);
    return [event, ...joined];
  };
}
