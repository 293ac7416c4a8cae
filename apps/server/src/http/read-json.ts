import type { IncomingMessage } from 'node:http';
import { AppError } from '@it0/api/errors';
import { limits } from '@it0/contracts/limits';
import { TRPCError } from '@trpc/server';
import { parseMediaType } from './header-values.ts';

/** What a client sends for a procedure: JSON and nothing else, so that no form of another site's page can. */
export async function readInput(request: IncomingMessage): Promise<unknown> {
  const { headers } = request;
  if (parseMediaType(headers) !== 'application/json') {
    throw new TRPCError({ code: 'UNSUPPORTED_MEDIA_TYPE', message: 'Send JSON.' });
  }
  return headers['content-length'] === '0' ? undefined : readJson(request, limits.requestBytes);
}

/** The body as JSON. Throws BODY_TOO_LARGE as soon as it has more bytes than that, and INVALID_INPUT for what is none. */
export async function readJson(request: IncomingMessage, most: number): Promise<unknown> {
  const body = await readBody(request, most);
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw new AppError('INVALID_INPUT', 'The request cannot be read.', { cause: error });
  }
}

function readBody(request: IncomingMessage, most: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const tooLarge = () => reject(new AppError('BODY_TOO_LARGE', 'The request is too large.'));
    if (Number(request.headers['content-length']) > most) return tooLarge();
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= most) return chunks.push(chunk);
      chunks.length = 0;
      return tooLarge();
    });
    request.on('end', () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
    request.on('error', (error) => reject(new AppError('INVALID_INPUT', 'The request broke off.', { cause: error })));
  });
}
