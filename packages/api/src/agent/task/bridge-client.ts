import { type DecideApproval, type TaskRequest, TaskState } from '@it0/contracts/bridge';
import { z } from 'zod';

/** Where an instance's bridge is, and the secret it asks for. */
export type BridgeAddress = { url: string; secret: string };

/** What came of a request. `unavailable`: nobody knows whether it arrived; ask again, after `retryAfterMs` if it says so. */
export type Answer<T = unknown> =
  | { outcome: 'ok'; body: T }
  | { outcome: 'unknown' }
  | { outcome: 'rejected'; detail: string }
  | { outcome: 'unavailable'; retryAfterMs: number | null };

const TIMEOUT_MS = 5_000;

export const handOver = (bridge: BridgeAddress, task: TaskRequest) => send(bridge, 'POST', '/task-async', task);
export const cancel = (bridge: BridgeAddress, taskId: string) => send(bridge, 'DELETE', `/task-async/${taskId}`);
export const decide = (bridge: BridgeAddress, approvalId: string, decision: DecideApproval) =>
  send(bridge, 'POST', `/approvals/${approvalId}`, decision);

export async function taskState(bridge: BridgeAddress, taskId: string): Promise<Answer<TaskState>> {
  const answer = await send(bridge, 'GET', `/task-async/${taskId}`);
  if (answer.outcome !== 'ok') return answer;
  const state = TaskState.safeParse(answer.body);
  return state.success ? { outcome: 'ok', body: state.data } : { outcome: 'unavailable', retryAfterMs: null };
}

/** Only bridges on this machine are known so far, so no request with a secret in it leaves for anywhere else. */
const isAllowed = ({ url }: BridgeAddress) => {
  const { protocol, hostname } = new URL(url);
  return protocol === 'http:' && hostname === '127.0.0.1';
};

async function send(bridge: BridgeAddress, method: string, path: string, body?: unknown): Promise<Answer> {
  if (!isAllowed(bridge)) return { outcome: 'rejected', detail: 'The address of its bridge is not allowed.' };
  try {
    const response = await fetch(new URL(path, bridge.url), {
      method,
      redirect: 'error',
      headers: { authorization: `Bearer ${bridge.secret}`, 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await response.text();
    if (response.ok) return { outcome: 'ok', body: parse(text) };
    if (response.status === 404) return { outcome: 'unknown' };
    if (response.status === 408 || response.status === 429 || response.status >= 500) {
      return { outcome: 'unavailable', retryAfterMs: retryAfter(response.headers.get('retry-after')) };
    }
    const said = Refusal.safeParse(parse(text)).data?.message;
    return { outcome: 'rejected', detail: said ?? `The bridge answered ${response.status}.` };
  } catch {
    return { outcome: 'unavailable', retryAfterMs: null };
  }
}

const Refusal = z.object({ message: z.string().max(500) });

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** In milliseconds, from seconds or a date. */
function retryAfter(header: string | null): number | null {
  if (!header) return null;
  const ms = /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : null;
}
