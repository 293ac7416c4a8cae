import type { BridgeRequest, BridgeResponses } from '@it0/contracts/remote-bridge';
import { parseJson } from '@it0/node/parse-json';

export type BridgeResponse = BridgeResponses['responses'][number];

const FORWARD_TIMEOUT_MS = 10_000;

/** Sends a fetched request to the bridge's own HTTP API. Never throws: returns 503 if the bridge does not respond. */
export async function forwardRequest(
  { id, method, path, body }: BridgeRequest,
  url: string | undefined,
  secret: string,
): Promise<BridgeResponse> {
  if (!url) return toUnavailable(id, 'The agent is not running.');
  try {
    const response = await fetch(url + path, {
      method,
      redirect: 'manual',
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(FORWARD_TIMEOUT_MS),
    });
    const retryAfter = response.headers.get('retry-after');
    const text = await response.text();
    return { id, status: response.status, body: parseJson(text) as BridgeResponse['body'], retryAfter };
  } catch {
    return toUnavailable(id, 'The bridge did not respond.');
  }
}

const toUnavailable = (id: string, message: string): BridgeResponse => ({
  id,
  status: 503,
  body: { reason: 'BRIDGE_UNREACHABLE', message },
  retryAfter: null,
});
