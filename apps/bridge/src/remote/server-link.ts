import { parseErrorResponse } from '@it0/contracts/error-response';
import type { RequestReason } from '@it0/contracts/reasons';
import type { Backoff } from '@it0/node/backoff';
import { parseJson } from '@it0/node/parse-json';
import { parseRetryAfter } from '@it0/node/retry-after';

/**
 * The result of a request. `rejected`: a retry fails as well until something changes. `unavailable`: retry, after
 * `waitMs` if the server asked for a delay.
 */
export type PostResult =
  | { type: 'ok'; body: unknown }
  | { type: 'rejected'; status: number; reason: RequestReason | null; message: string }
  | { type: 'unavailable'; cause: string; waitMs: number | null };

export type Post = {
  path: string;
  body: unknown;
  token?: string;
  withinMs: number;
  signal: AbortSignal;
};

/** Sends a POST request to the server. Throws only when the signal aborts. */
export async function post(server: string, { path, body, token, withinMs, signal }: Post): Promise<PostResult> {
  try {
    const response = await fetch(server + path, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify(body),
      // A dead connection may not report an error.
      signal: AbortSignal.any([signal, AbortSignal.timeout(withinMs)]),
    });
    return readResult(response, await response.text());
  } catch (error) {
    signal.throwIfAborted();
    return { type: 'unavailable', cause: classifyError(error), waitMs: null };
  }
}

function readResult({ status, headers }: Response, text: string): PostResult {
  const body = parseJson(text);
  if (status === 200 && body !== undefined) return { type: 'ok', body };
  const error = parseErrorResponse(body);
  if (status < 400) return { type: 'rejected', status, reason: null, message: formatUnexpected(status, headers) };
  if (status === 408 || status === 429 || status >= 500)
    return {
      type: 'unavailable',
      cause: error?.message ?? `HTTP ${status}`,
      waitMs: parseRetryAfter(headers.get('retry-after')),
    };
  const message =
    error?.message ??
    `The server rejected the request (HTTP ${status}). Check that --server is the URL of an IT0 server.`;
  return { type: 'rejected', status, reason: error?.reason ?? null, message };
}

const formatUnexpected = (status: number, headers: Headers) =>
  headers.has('location')
    ? `The server redirects to ${headers.get('location')}. Use that URL for --server.`
    : `The response is not from an IT0 server (HTTP ${status}). Check the URL in --server.`;

/** Returns the code or name of an error, which users can look up. */
function classifyError(error: unknown) {
  if (!(error instanceof Error)) return 'unknown';
  if (error.name === 'TimeoutError') return 'timeout';
  return error.cause instanceof Error && 'code' in error.cause ? String(error.cause.code) : error.name;
}

/** The delays between attempts to reach the server. */
export const BACKOFF: Backoff = { firstMs: 250, maxMs: 5_000 };
