import type { Batch, ChatEvent } from '@it0/contracts/chat-event';

type Piece = Extract<ChatEvent, { type: 'text' }>;

/**
 * Creates a filter for the events of a reader. It delays a piece of text that does not continue the text the reader
 * has. `requestText` is then called to deliver the missing text as another event, after which the delayed pieces
 * follow.
 */
export function createTextJoiner(requestText: (taskId: string) => void) {
  const ends = new Map<string, number>();
  let waiting: Piece[] = [];
  const isWaiting = (taskId: string) => waiting.some((piece) => piece.taskId === taskId);

  function append({ taskId, offset, delta }: Piece): boolean {
    if (offset > (ends.get(taskId) ?? 0)) return false;
    ends.set(taskId, offset + delta.length);
    return true;
  }

  /** Returns whether the event can pass at once, as nearly all do. */
  function canPass(event: ChatEvent): boolean {
    if (event.type === 'text') return append(event);
    if (event.type === 'completed' || event.type === 'error') ends.delete(event.taskId);
    return true;
  }

  function join(event: ChatEvent): ChatEvent[] {
    const { type, taskId } = event;
    if (type === 'completed' || type === 'error') waiting = waiting.filter((piece) => piece.taskId !== taskId);
    if (!canPass(event)) {
      if (!isWaiting(taskId)) requestText(taskId);
      waiting.push(event as Piece);
      return [];
    }
    if (type !== 'text' || !isWaiting(taskId)) return [event];
    const joined = waiting.filter((piece) => piece.taskId === taskId && append(piece));
    waiting = waiting.filter((piece) => !joined.includes(piece));
    if (isWaiting(taskId)) requestText(taskId);
    return [event, ...joined];
  }

  return (batch: Batch): Batch => {
    let passed = 0;
    if (waiting.length === 0) while (passed < batch.length && canPass(batch[passed]!)) passed++;
    return passed === batch.length ? batch : [...batch.slice(0, passed), ...batch.slice(passed).flatMap(join)];
  };
}
