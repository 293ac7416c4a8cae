import { setTimeout as after } from 'node:timers/promises';
import type { Response } from 'express';
import { type Reply, splitText } from './answers.ts';

/** Says an answer piece by piece. False: whoever asked is gone. */
export async function streamPaced(res: Response, { text, paceMs }: Reply, say: (piece: string) => void) {
  const gone = new AbortController();
  res.on('close', () => gone.abort());
  for (const piece of splitText(text)) {
    await after(paceMs, undefined, { signal: gone.signal }).catch(() => {});
    if (gone.signal.aborted) return false;
    say(piece);
  }
  return true;
}
