import { SHARED_SECRET_SCHEME } from '@it0/contracts/bridge-listening';
import type { BridgeRequest } from '@it0/contracts/remote-bridge';
import { parseJson } from '@it0/node/parse-json';
import { requestWithSharedSecret } from '@it0/node/shared-secret-tls';

/** A request to a bridge, without the id that polling adds. */
export type BridgeCall = Omit<BridgeRequest, 'id'>;
/** A response of a bridge, over HTTP or by polling. */
export type BridgeResponse = { status: number; body: unknown; retryAfter: string | null };

type Address = { url: string; secret: string };

/**
 * Sends a request to a bridge. Returns null when the bridge does not respond in time, cannot prove that it has the
 * secret, or has an invalid address.
 */
export async function sendRequest(
  { url: base, secret }: Address,
  { method, path, body }: BridgeCall,
  withinMs: number,
): Promise<BridgeResponse | null> {
  const request = {
    method,
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
    signal: AbortSignal.timeout(withinMs),
  };
  try {
    const url = new URL(path, base);
    if (url.protocol === SHARED_SECRET_SCHEME) {
      const { status, headers, text } = await requestWithSharedSecret({ url, secret, ...request });
      return { status, body: parseJson(text), retryAfter: headers['retry-after'] ?? null };
    }
    const response = await fetch(url, { ...request, redirect: 'error' });
    const text = await response.text();
    return { status: response.status, body: parseJson(text), retryAfter: response.headers.get('retry-after') };
  } catch {
    return null;
  }
}
