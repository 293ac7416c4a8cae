import { type DecideApproval, type TaskRequest, TaskState } from '@it0/contracts/bridge';
import { BridgeLogs } from '@it0/contracts/remote-bridge';
import { z } from 'zod';
import type { Services } from '../../context.ts';
import { isReachable } from './allow-list.ts';
import { POLLED, requestViaPoll } from './poll-transport.ts';
import { type BridgeCall, sendRequest } from './send-request.ts';

/** An instance's bridge: where it is, and the secret it asks for. */
export type Bridge = {
  tenantId: string;
  /** Null for iAgent's. */
  instanceId: string | null;
  /** It lives on another host, where only what `BRIDGE_ALLOW` names may be asked. */
  isRemote: boolean;
  url: string;
  secret: string;
};

export type Asking = Pick<Services, 'db' | 'bus' | 'keys' | 'bridgeAllow'>;

/** What came of a request. `unavailable`: nobody knows whether it arrived; ask again, after `retryAfterMs` if it says so. */
export type BridgeResult<T = unknown> =
  | { outcome: 'ok'; body: T }
  | { outcome: 'unknown' }
  | { outcome: 'rejected'; detail: string }
  | { outcome: 'unavailable'; retryAfterMs: number | null };

const TIMEOUT_MS = 5_000;

export const submitTask = (services: Asking, bridge: Bridge, task: TaskRequest) =>
  ask(services, bridge, { method: 'POST', path: '/task-async', body: task });
export const cancel = (services: Asking, bridge: Bridge, taskId: string) =>
  ask(services, bridge, { method: 'DELETE', path: `/task-async/${taskId}` });
export const decide = (services: Asking, bridge: Bridge, approvalId: string, decision: DecideApproval) =>
  ask(services, bridge, { method: 'POST', path: `/approvals/${approvalId}`, body: decision });
export const taskState = (services: Asking, bridge: Bridge, taskId: string) =>
  asking(services, bridge, { method: 'GET', path: `/task-async/${taskId}` }, TaskState);
export const bridgeLogs = (services: Asking, bridge: Bridge) =>
  asking(services, bridge, { method: 'GET', path: '/logs' }, BridgeLogs);

async function asking<T>(
  services: Asking,
  bridge: Bridge,
  asked: BridgeCall,
  expected: z.ZodType<T>,
): Promise<BridgeResult<T>> {
  const answer = await ask(services, bridge, asked);
  if (answer.outcome !== 'ok') return answer;
  const body = expected.safeParse(answer.body);
  return body.success ? { outcome: 'ok', body: body.data } : { outcome: 'unavailable', retryAfterMs: null };
}

async function ask(services: Asking, bridge: Bridge, asked: BridgeCall): Promise<BridgeResult> {
  const isFetched = bridge.url === POLLED;
  // A request with a secret in it leaves for nowhere else.
  if (!isFetched && !isReachable(services.bridgeAllow, bridge))
    return { outcome: 'rejected', detail: 'The address of its bridge is not allowed.' };
  const reply = isFetched
    ? await requestViaPoll(services, bridge, asked, TIMEOUT_MS)
    : await sendRequest(bridge, asked, TIMEOUT_MS);
  if (!reply) return { outcome: 'unavailable', retryAfterMs: null };
  const { status, body, retryAfter } = reply;
  if (status >= 200 && status < 300) return { outcome: 'ok', body };
  if (status === 404) return { outcome: 'unknown' };
  if (status === 408 || status === 429 || status >= 500)
    return { outcome: 'unavailable', retryAfterMs: msOf(retryAfter) };
  const said = Refusal.safeParse(body).data?.message;
  return { outcome: 'rejected', detail: said ?? `The bridge answered ${status}.` };
}

const Refusal = z.object({ message: z.string().max(500) });

/** In milliseconds, from seconds or a date. */
function msOf(header: string | null): number | null {
  if (!header) return null;
  const ms = /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : null;
}
