import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError, toErrorResponse } from '@it0/api/errors';
import { TRPCError } from '@trpc/server';
import { getHTTPStatusCodeFromError } from '@trpc/server/http';
import type { Logger } from 'pino';

export function respond(response: ServerResponse, status: number, body: unknown) {
  const json = JSON.stringify(body);
  const length = Buffer.byteLength(json);
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'content-length': length });
  response.end(json);
}

/** In how many seconds the same request may succeed. */
export function setRetryAfter(response: ServerResponse, seconds: number | false | undefined) {
  if (seconds) response.setHeader('retry-after', seconds);
}

/** Answers a failure with its reason. What was not foreseen is logged, and masked. */
export function respondError(log: Logger, request: IncomingMessage, response: ServerResponse, cause: unknown) {
  const error = asTrpcError(cause);
  const failure = toErrorResponse(error);
  if (failure.reason === 'INTERNAL') log.error({ err: cause, path: loggedPath(request) }, 'a request failed');
  setRetryAfter(response, failure.retryAfter);
  respond(response, getHTTPStatusCodeFromError(error), failure);
}

/** Path segments longer than an id, which can be the token of a link. */
const MAX_LOGGED_PART = 40;

/** Returns the path of a request without its query and without tokens. */
export const loggedPath = ({ url = '' }: Pick<IncomingMessage, 'url'>) =>
  url
    .split('?', 1)[0]!
    .split('/')
    .map((part) => (part.length > MAX_LOGGED_PART ? '…' : part))
    .join('/');

/** Express and its parts throw errors with an HTTP status. */
function asTrpcError(cause: unknown): TRPCError {
  if (cause instanceof TRPCError) return cause;
  const status = cause instanceof Error && 'status' in cause ? cause.status : 500;
  if (status === 404) return new AppError('NOT_FOUND', 'There is nothing here.', { cause });
  if (typeof status === 'number' && status < 500)
    return new AppError('INVALID_INPUT', 'The request cannot be read.', { cause });
  return new AppError('INTERNAL', 'Something went wrong on the server.', { cause });
}
