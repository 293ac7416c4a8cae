import { z } from 'zod';

/**
 * What came back. `refused`: asking the same again is of no use until something changes; `away`: try again, after
 * `waitMs` where the server said so.
 */
export type PostResult =
  | { type: 'answer'; body: unknown }
  | { type: 'refused'; status: number; reason: string | null; message: string }
  | { type: 'away'; why: string; waitMs?: number };

export type Post = {
  path: string;
  body: unknown;
  token?: string;
  withinMs: number;
  signal: AbortSignal;
};

const Refusal = z.object({ reason: z.string(), message: z.string() });

/** One POST to the server. Only throws when the signal aborts. */
export async function post(server: string, { path, body, token, withinMs, signal }: Post): Promise<PostResult> {
  try {
    const response = await fetch(server + path, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify(body),
      // A connection may be dead without a word.
      signal: AbortSignal.any([signal, AbortSignal.timeout(withinMs)]),
    });
    return replyOf(response, await response.text());
  } catch (error) {
    signal.throwIfAborted();
    return { type: 'away', why: whyOf(error) };
  }
}

function replyOf({ status, headers }: Response, text: string): PostResult {
  const body = parse(text);
  if (status === 200 && body !== undefined) return { type: 'answer', body };
  const said = Refusal.safeParse(body).data;
  if (status < 400) return { type: 'refused', status, reason: null, message: unexpected(status, headers) };
  if (status === 408 || status === 429 || status >= 500)
    return { type: 'away', why: said?.message ?? `HTTP ${status}`, waitMs: secondsOf(headers.get('retry-after')) };
  const message =
    said?.message ?? `The server does not know what this bridge asks (HTTP ${status}). Is it an IT0 server?`;
  return { type: 'refused', status, reason: said?.reason ?? null, message };
}

const unexpected = (status: number, headers: Headers) =>
  headers.has('location')
    ? `The server sends everybody to ${headers.get('location')}. Give that address as --server.`
    : `The server does not answer as an IT0 server does (HTTP ${status}).`;

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const secondsOf = (header: string | null) => (header && /^\d+$/.test(header) ? Number(header) * 1_000 : undefined);

/** What kind of failure it was, in a word that can be looked up. */
function whyOf(error: unknown) {
  if (!(error instanceof Error)) return 'unknown';
  if (error.name === 'TimeoutError') return 'no answer';
  return error.cause instanceof Error && 'code' in error.cause ? String(error.cause.code) : error.name;
}

/** How long to wait before the next try, after so many that failed: ever longer, and never all bridges at once. */
export const backoffMs = (failures: number, mostMs = 5_000) =>
  Math.min(mostMs, 250 * 2 ** (failures - 1)) * (0.5 + Math.random() / 2);
