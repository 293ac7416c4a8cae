import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError, toErrorResponse } from '@it0/api/errors';
import type { RequestReason } from '@it0/contracts/reasons';
import { TRPCError } from '@trpc/server';
import { getHTTPStatusCodeFromError } from '@trpc/server/http';
import type { Logger } from 'pino';

/** Sends a JSON response. */
export function respond(response: ServerResponse, status: number, body: unknown) {
  const json = JSON.stringify(body);
  const length = Buffer.byteLength(json);
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'content-length': length });
  response.end(json);
}

/** Sets the number of seconds after which the same request may succeed. */
export function setRetryAfter(response: ServerResponse, seconds: number | false | undefined) {
  if (seconds) response.setHeader('retry-after', seconds);
}

/**
 * Sends an error response with its reason. Unexpected errors are logged and masked. `statuses` overrides the statuses of
 * some reasons.
 */
export function respondError(
  log: Logger,
  response: ServerResponse,
  cause: unknown,
  statuses: Partial<Record<RequestReason, number>> = {},
) {
  const error = toTrpcError(cause);
  const body = toErrorResponse(error);
  if (body.reason === 'INTERNAL') log.error({ err: cause, path: toLoggedPath(response.req) }, 'a request failed');
  setRetryAfter(response, body.retryAfter);
  respond(response, statuses[body.reason] ?? getHTTPStatusCodeFromError(error), body);
}

/** Maximum length of a logged path segment. Longer ones can be the token of a link. */
const MAX_LOGGED_SEGMENT = 40;

/** Returns the path of a request without its query and without tokens. */
export const toLoggedPath = ({ url = '' }: Pick<IncomingMessage, 'url'>) =>
  url
    .split('?', 1)[0]!
    .split('/')
    .map((segment) => (segment.length > MAX_LOGGED_SEGMENT ? '…' : segment))
    .join('/');

/** Converts errors of Express and its middleware, which have an HTTP status. */
function toTrpcError(cause: unknown): TRPCError {
  if (cause instanceof TRPCError) return cause;
  const status = cause instanceof Error && 'status' in cause ? cause.status : 500;
  if (status === 404) return new AppError('NOT_FOUND', 'Not found.', { cause });
  if (typeof status === 'number' && status < 500)
    return new AppError('INVALID_INPUT', 'The request is invalid.', { cause });
  return new AppError('INTERNAL', 'Something went wrong on the server.', { cause });
}
