import { CALLBACK_PATH } from '@it0/contracts/bridge';
import { httpClient } from '../http-client.ts';
import type { Session, World } from '../world.ts';
import { REPLIES } from './history.ts';

/** Deltas a second, and characters of each. */
export const RATE = 200;
const DELTA_LENGTH = 4;

/** Returns the text of a long answer with blocks of all kinds. */
export const writeAnswer = (length: number) =>
  Array.from({ length: Math.ceil(length / 400) }, (_, n) => REPLIES[(n * 5 + 5) % REPLIES.length])
    .join('\n\n')
    .slice(0, length);

/** Calls `send` with each piece of the text, at 200 a second. Pieces that are late are sent one after another. */
export async function paceDeltas(text: string, send: (delta: string, offset: number) => unknown) {
  const start = performance.now();
  for (let offset = 0; offset < text.length; ) {
    const due = Math.ceil(((performance.now() - start) / 1_000) * RATE) * DELTA_LENGTH;
    if (due <= offset) {
      await new Promise((resolve) => setTimeout(resolve, 2));
      continue;
    }
    await send(text.slice(offset, offset + DELTA_LENGTH), offset);
    offset += DELTA_LENGTH;
  }
}

/** Sends an answer to the server as a bridge does, without completing it. */
export async function streamAnswer({ server }: World, session: Session, text: string) {
  const client = httpClient(server);
  const post = (events: object[]) =>
    client.send({
      path: CALLBACK_PATH,
      headers: { authorization: `Bearer ${session.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ taskId: session.taskId, events }),
    });
  await paceDeltas(text, (delta, offset) => post([{ type: 'text', offset, delta }]));
  client.close();
}
