import { type Batch, type ChatEvent, isDurable } from '@it0/contracts/chat-event';
import { head } from '@it0/contracts/text';
import type { Gap } from './bus.ts';

/**
 * A batch as JSON texts of at most `most` bytes, each of them news, in order. A durable event too large for one becomes
 * a `Missed`, text is cut into pieces, and a tool's progress is left out: its end carries the output.
 */
export function chunkBatch(batch: Batch, most: number): string[] {
  const whole = JSON.stringify(batch);
  if (Buffer.byteLength(whole) <= most) return [whole];
  if (batch.length > 1)
    return [...chunkBatch(batch.slice(0, batch.length / 2), most), ...chunkBatch(batch.slice(batch.length / 2), most)];
  return batch.flatMap((event) => split(event, most));
}

function split(event: ChatEvent, most: number): string[] {
  if (isDurable(event)) return [JSON.stringify({ upTo: event.seq } satisfies Gap)];
  if (event.type !== 'text') return [];
  const first = head(event.delta, Math.ceil(event.delta.length / 2));
  const rest = { ...event, offset: event.offset + first.length, delta: event.delta.slice(first.length) };
  return chunkBatch([{ ...event, delta: first }], most).concat(chunkBatch([rest], most));
}
