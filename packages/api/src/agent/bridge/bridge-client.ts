import { type DecideApproval, type TaskRequest, TaskState } from '@it0/contracts/bridge';
import { parseErrorResponse } from '@it0/contracts/error-response';
import { BridgeLogs } from '@it0/contracts/remote-bridge';
import type { Transport } from '@it0/db/generated/tenant/enums';
import { parseRetryAfter } from '@it0/node/retry-after';
import type { z } from 'zod';
import type { Core } from '../../core.ts';
import { type AllowList, isReachable } from './allow-list.ts';
import { requestViaPoll } from './poll-transport.ts';
import { type BridgeCall, sendRequest } from './send-request.ts';

/** The instance that a bridge serves. */
type BridgeInstance = {
  tenantId: string;
  /** Null for the bridge of iAgent. */
  instanceId: string | null;
  /** Whether it runs on another host, to which `BRIDGE_ALLOW` applies. */
  isRemote: boolean;
};

/** A bridge that can get requests: its secret, and its address unless it polls for them. */
export type Bridge = BridgeInstance & { secret: string } & (
    | { transport: 'direct'; url: string }
    | { transport: 'poll' }
  );

/** The services that requests to bridges need. */
type BridgeServices = Core & { bridgeAllow: AllowList };

/**
 * The result of a request to a bridge. `unknown`: the bridge does not have the task or approval. `unavailable`: the
 * request may or may not have arrived; retry it, after `retryAfterMs` when that is set.
 */
export type BridgeResult<T = unknown> =
  | { outcome: 'ok'; body: T }
  | { outcome: 'unknown' }
  | { outcome: 'rejected'; detail: string }
  | { outcome: 'unavailable'; retryAfterMs: number | null };

const TIMEOUT_MS = 5_000;

type BridgeColumns = BridgeInstance & {
  /** Null for iAgent, whose bridge does not poll. */
  transport: Transport | null;
  bridgeUrl: string | null;
  bridgeSecret: Uint8Array | null;
};

/** Converts the columns of an instance or of iAgent to its bridge. Returns null when no request reaches it. */
export function toBridge({ keys }: Core, row: BridgeColumns): Bridge | null {
  const { tenantId, instanceId, isRemote, transport, bridgeUrl: url, bridgeSecret } = row;
  if (bridgeSecret === null || (transport !== 'poll' && url === null)) return null;
  const bridge = { tenantId, instanceId, isRemote, secret: keys.open(bridgeSecret) };
  return url === null ? { ...bridge, transport: 'poll' } : { ...bridge, transport: 'direct', url };
}

/** Submits a task. Idempotent: for a known task, the bridge replaces only the callback URL and token. */
export const submitTask = (services: BridgeServices, bridge: Bridge, task: TaskRequest) =>
  call(services, bridge, { method: 'POST', path: '/task-async', body: task });
/** Asks the bridge to cancel a task. */
export const cancelBridgeTask = (services: BridgeServices, bridge: Bridge, taskId: string) =>
  call(services, bridge, { method: 'DELETE', path: `/task-async/${taskId}` });
/** Sends the decision about an approval. */
export const sendDecision = (services: BridgeServices, bridge: Bridge, approvalId: string, decision: DecideApproval) =>
  call(services, bridge, { method: 'POST', path: `/approvals/${approvalId}`, body: decision });
/** Fetches the state of a task at its bridge. */
export const fetchTaskState = (services: BridgeServices, bridge: Bridge, taskId: string) =>
  callTyped(services, bridge, { method: 'GET', path: `/task-async/${taskId}` }, TaskState);
/** Fetches the recent logs of the bridge and its gateway. */
export const fetchBridgeLogs = (services: BridgeServices, bridge: Bridge) =>
  callTyped(services, bridge, { method: 'GET', path: '/logs' }, BridgeLogs);

async function callTyped<T>(
  services: BridgeServices,
  bridge: Bridge,
  request: BridgeCall,
  schema: z.ZodType<T>,
): Promise<BridgeResult<T>> {
  const result = await call(services, bridge, request);
  if (result.outcome !== 'ok') return result;
  const body = schema.safeParse(result.body);
  return body.success ? { outcome: 'ok', body: body.data } : { outcome: 'unavailable', retryAfterMs: null };
}

async function call(services: BridgeServices, bridge: Bridge, request: BridgeCall): Promise<BridgeResult> {
  // The request carries the secret, so it is sent to allowed addresses only.
  if (bridge.transport === 'direct' && !isReachable(services.bridgeAllow, bridge))
    return { outcome: 'rejected', detail: 'The address of the bridge is not allowed.' };
  const response =
    bridge.transport === 'poll'
      ? await requestViaPoll(services, bridge, request, TIMEOUT_MS)
      : await sendRequest(bridge, request, TIMEOUT_MS);
  if (!response) return { outcome: 'unavailable', retryAfterMs: null };
  const { status, body, retryAfter } = response;
  if (status >= 200 && status < 300) return { outcome: 'ok', body };
  if (status === 404) return { outcome: 'unknown' };
  if (status === 408 || status === 429 || status >= 500)
    return { outcome: 'unavailable', retryAfterMs: parseRetryAfter(retryAfter) };
  const message = parseErrorResponse(body)?.message;
  return { outcome: 'rejected', detail: message ?? `The bridge responded with status ${status}.` };
}
