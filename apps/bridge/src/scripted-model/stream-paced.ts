import { delay } from '@it0/node/delay';
import type { Response } from 'express';
import { type Reply, splitText } from './answers.ts';

/** Streams a reply in deltas at its pace. Returns false if the client disconnects. */
export async function streamPaced(res: Response, { text, paceMs }: Reply, send: (delta: string) => void) {
  const disconnected = new AbortController();
  res.on('close', () => disconnected.abort());
  for (const delta of splitText(text)) {
    await delay(paceMs, disconnected.signal);
    if (disconnected.signal.aborted) return false;
    send(delta);
  }
  return true;
}
