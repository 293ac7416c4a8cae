import type { IncomingMessage } from 'node:http';
import { AppError } from '@it0/api/errors';
import { limits } from '@it0/contracts/limits';
import { TRPCError } from '@trpc/server';
import { runInTurn } from '../event-loop-turn.ts';
import { parseMediaType } from './header-values.ts';

/**
 * Reads the input of a procedure. Accepts only JSON, since pages of other sites can send some other media types without
 * a preflight request.
 */
export async function readInput(request: IncomingMessage): Promise<unknown> {
  const { headers } = request;
  if (parseMediaType(headers) !== 'application/json') {
    throw new TRPCError({ code: 'UNSUPPORTED_MEDIA_TYPE', message: 'The request body must be JSON.' });
  }
  return headers['content-length'] === '0' ? undefined : readJson(request, limits.requestBytes);
}

/** Reads the body as JSON. Throws the errors of `readBody`, and INVALID_INPUT. */
export async function readJson(request: IncomingMessage, maxBytes: number): Promise<unknown> {
  const body = await readBody(request, maxBytes);
  // Parsing a large body can take milliseconds, and many can end together.
  await new Promise<void>(runInTurn);
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw new AppError('INVALID_INPUT', 'The request body is not valid JSON.', { cause: error });
  }
}

/** Reads the body. Throws BODY_TOO_LARGE as soon as it exceeds `maxBytes`, and INVALID_INPUT. */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const tooLarge = () => reject(new AppError('BODY_TOO_LARGE', 'The request body is too large.'));
    if (Number(request.headers['content-length']) > maxBytes) return tooLarge();
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= maxBytes) return chunks.push(chunk);
      chunks.length = 0;
      return tooLarge();
    });
    request.on('end', () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
    request.on('error', (error) => reject(new AppError('INVALID_INPUT', 'The request was aborted.', { cause: error })));
  });
}
