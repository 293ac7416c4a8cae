import { CallbackAck, CallbackGap, type Report, type TaskRequest } from '@it0/contracts/bridge';
import { parseRetryAfter } from '@it0/node/retry-after';

/** The outcome of one callback. `waitMs` is the delay that the server asked for. */
export type DeliveryOutcome =
  | ({ type: 'accepted' } & CallbackAck)
  | { type: 'gap'; expected: number }
  | { type: 'rejected' }
  | { type: 'gone'; status: number }
  | { type: 'retry'; waitMs: number | null; cause: string };

const CALLBACK_TIMEOUT_MS = 20_000;

/** Sends one callback of a task. Never throws. */
export async function deliver(task: TaskRequest, events: Report[], closing: AbortSignal): Promise<DeliveryOutcome> {
  try {
    const response = await fetch(task.callbackUrl, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${task.callbackToken}` },
      body: JSON.stringify({ taskId: task.taskId, events }),
      signal: AbortSignal.any([closing, AbortSignal.timeout(CALLBACK_TIMEOUT_MS)]),
    });
    const body = await response.text();
    switch (response.status) {
      case 200:
        return { type: 'accepted', ...CallbackAck.parse(JSON.parse(body)) };
      case 409:
        return { type: 'gap', expected: CallbackGap.parse(JSON.parse(body)).params.expected };
      case 413:
      case 422:
        return { type: 'rejected' };
      case 401:
      case 410:
        return { type: 'gone', status: response.status };
      default:
        return {
          type: 'retry',
          cause: `HTTP ${response.status}`,
          waitMs: parseRetryAfter(response.headers.get('retry-after')),
        };
    }
  } catch (error) {
    return { type: 'retry', cause: classifyError(error), waitMs: null };
  }
}

/** Returns the code or name of an error. Its message is not logged: it may quote the URL or the body. */
function classifyError(error: unknown) {
  if (!(error instanceof Error)) return 'unknown';
  return error.cause instanceof Error && 'code' in error.cause ? String(error.cause.code) : error.name;
}
