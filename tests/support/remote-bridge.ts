import type { ErrorResponse } from '@it0/contracts/error-response';
import {
  BRIDGE_PROTOCOL,
  type BridgeRequest,
  CHECK_IN_PATH,
  type CheckIn,
  CheckInResponse,
  ENROLL_PATH,
  EnrollResponse,
  formatBridgeToken,
  RESPONSES_PATH,
} from '@it0/contracts/remote-bridge';
import { createToken } from '@it0/node/token';

export const newSecret = createToken;

/** Creates what a bridge sends about itself in each request. */
export const createBridgeInfo = (server: string) => ({
  ...{ protocol: BRIDGE_PROTOCOL.newest as number, version: '0.1.0-test', host: 'web-1', server },
  url: null as string | null,
});

export const createHealth = (ready = true, detail: string | null = null) => ({
  ready,
  engine: { version: 'test', connected: ready },
  model: { name: 'scripted', scripted: true },
  detail,
});

export type Posted<T> = { status: number; body: T | ErrorResponse };

async function post<T>(url: string, body: unknown, token?: string, signal?: AbortSignal): Promise<Posted<T>> {
  const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body), signal });
  return { status: response.status, body: (await response.json()) as T | ErrorResponse };
}

export const enrollAt = (server: string, code: string, secret = newSecret(), overrides: object = {}) =>
  post<EnrollResponse>(`${server}${ENROLL_PATH}`, { ...createBridgeInfo(server), code, secret, ...overrides });

/** Enrolls a bridge on another host, which is controlled by the test. */
export async function remoteBridge(server: string, code: string) {
  const secret = newSecret();
  const { tenantId, instanceId } = EnrollResponse.parse((await enrollAt(server, code, secret)).body);
  const token = formatBridgeToken({ tenantId, instanceId, secret });
  let running: CheckIn['running'] = null;

  /** Checks in with the current state, and waits for requests by default. */
  const postCheckIn = (
    overrides: Partial<CheckIn> = {},
    { at = server, signal }: { at?: string; signal?: AbortSignal } = {},
  ) =>
    post<CheckInResponse>(
      `${at}${CHECK_IN_PATH}`,
      { ...createBridgeInfo(server), running, wait: true, ...overrides },
      token,
      signal,
    );

  return {
    secret,
    tenantId,
    instanceId,
    token,
    postCheckIn,
    /** Sets what runs on the host. */
    setRunning(revision: number | null, health = createHealth()) {
      running = revision === null ? null : { revision, health };
    },
    async checkIn(...args: Parameters<typeof postCheckIn>) {
      return CheckInResponse.parse((await postCheckIn(...args)).body);
    },
    /** Checks in until it gets a request. */
    async fetchRequest(options: { at?: string } = {}): Promise<BridgeRequest> {
      for (;;) {
        const [request] = (await this.checkIn({}, options)).requests;
        if (request) return request;
      }
    },
    respond: ({ id }: Pick<BridgeRequest, 'id'>, status: number, body: unknown = {}, at = server) =>
      post<object>(`${at}${RESPONSES_PATH}`, { responses: [{ id, status, body }] }, token),
  };
}
export type RemoteBridge = Awaited<ReturnType<typeof remoteBridge>>;
