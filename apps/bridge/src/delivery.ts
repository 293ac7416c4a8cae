import { CallbackAck, CallbackGap, type Report, type TaskRequest } from '@it0/contracts/bridge';

/** What became of one callback. `wait` says when to try again, where the server did. */
export type Outcome =
  | ({ type: 'taken' } & CallbackAck)
  | { type: 'gap'; expected: number }
  | { type: 'refused' }
  | { type: 'over'; status: number }
  | { type: 'later'; waitMs?: number; why: string };

const timeoutMs = 20_000;

/** One POST of a task's callback. Never throws. */
export async function deliver(task: TaskRequest, events: Report[], closing: AbortSignal): Promise<Outcome> {
  try {
    const response = await fetch(task.callbackUrl, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${task.callbackToken}` },
      body: JSON.stringify({ taskId: task.taskId, events }),
      signal: AbortSignal.any([closing, AbortSignal.timeout(timeoutMs)]),
    });
    const body = await response.text();
    switch (response.status) {
      case 200:
        return { type: 'taken', ...CallbackAck.parse(JSON.parse(body)) };
      case 409:
        return { type: 'gap', expected: CallbackGap.parse(JSON.parse(body)).expected };
      case 413:
      case 422:
        return { type: 'refused' };
      case 401:
      case 410:
        return { type: 'over', status: response.status };
      default:
        return {
          type: 'later',
          why: `HTTP ${response.status}`,
          waitMs: retryAfterMs(response.headers.get('retry-after')),
        };
    }
  } catch (error) {
    return { type: 'later', why: whyOf(error) };
  }
}

/** `Retry-After` is a number of seconds or a date. */
function retryAfterMs(header: string | null) {
  if (!header) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

/** Only what kind of failure it was: a fetch error may quote the address, and a parse error the body. */
function whyOf(error: unknown) {
  if (!(error instanceof Error)) return 'unknown';
  return error.cause instanceof Error && 'code' in error.cause ? String(error.cause.code) : error.name;
}
