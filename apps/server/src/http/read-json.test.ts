import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { readJson } from './read-json.ts';

/** A request with this body, as far as readJson reads it. */
const newRequest = (body: string) =>
  Object.assign(new PassThrough().end(body), { headers: {} }) as unknown as IncomingMessage;

test('readJson parses at most one large body per turn of the event loop, whether valid or not', async () => {
  let turn = 0;
  let isCounting = true;
  const count = () => {
    turn++;
    if (isCounting) setImmediate(count);
  };
  setImmediate(count);
  const bodies = ['['.repeat(100_000), JSON.stringify('x'.repeat(100_000)), '['.repeat(100_000)];
  const turns = await Promise.all(
    bodies.map((body) =>
      readJson(newRequest(body), 1_000_000)
        .catch(() => null)
        .then(() => turn),
    ),
  );
  isCounting = false;
  expect(new Set(turns).size).toBe(bodies.length);
});
