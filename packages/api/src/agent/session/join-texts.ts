import type { Batch, ChatEvent } from '@it0/contracts/chat-event';

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

  /** Whether nothing needs to wait, which is nearly always so. */
  function passes(event: ChatEvent): boolean {
    if (event.type === 'text') return joins(event);
    if (event.type === 'completed' || event.type === 'error') ends.delete(event.taskId);
    return true;
  }

  function join(event: ChatEvent): ChatEvent[] {
    const { type, taskId } = event;
    if (type === 'completed' || type === 'error') held = held.filter((piece) => piece.taskId !== taskId);
    if (!passes(event)) {
      if (!isHeld(taskId)) askFor(taskId);
      held.push(event as Piece);
      return [];
    }
    if (type !== 'text' || !isHeld(taskId)) return [event];
    const joined = held.filter((piece) => piece.taskId === taskId && joins(piece));
    held = held.filter((piece) => !joined.includes(piece));
    if (isHeld(taskId)) askFor(taskId);
    return [event, ...joined];
  }

  return (batch: Batch): Batch => {
    let passed = 0;
    if (held.length === 0) while (passed < batch.length && passes(batch[passed]!)) passed++;
    return passed === batch.length ? batch : [...batch.slice(0, passed), ...batch.slice(passed).flatMap(join)];
  };
}
