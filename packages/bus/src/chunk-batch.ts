import type { Batch, ChatEvent } from '@it0/contracts/chat-event';
import { isDurable } from '@it0/contracts/event-kinds';
import { head } from '@it0/contracts/text';
import type { Gap } from './bus.ts';

/**
 * Splits a batch into deliveries as JSON of at most `maxBytes` each, in order. A durable event that is too large
 * becomes a `Gap`, a text delta is split, and the progress of a tool is dropped, since the end of the tool call has the
 * output.
 */
export function chunkBatch(batch: Batch, maxBytes: number): string[] {
  const json = JSON.stringify(batch);
  if (Buffer.byteLength(json) <= maxBytes) return [json];
  if (batch.length > 1) {
    const middle = Math.floor(batch.length / 2);
    return [...chunkBatch(batch.slice(0, middle), maxBytes), ...chunkBatch(batch.slice(middle), maxBytes)];
  }
  return batch.flatMap((event) => splitEvent(event, maxBytes));
}

function splitEvent(event: ChatEvent, maxBytes: number): string[] {
  if (isDurable(event)) return [JSON.stringify({ upTo: event.seq } satisfies Gap)];
  if (event.type !== 'text') return [];
  const first = head(event.delta, Math.ceil(event.delta.length / 2));
  const rest = { ...event, offset: event.offset + first.length, delta: event.delta.slice(first.length) };
  return chunkBatch([{ ...event, delta: first }], maxBytes).concat(chunkBatch([rest], maxBytes));
}
