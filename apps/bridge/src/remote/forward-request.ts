import type { BridgeRequest, BridgeResponses } from '@it0/contracts/remote-bridge';

export type BridgeResponse = BridgeResponses['responses'][number];

const withinMs = 10_000;

/** Does a fetched request at the bridge's own door. Never throws: where the bridge does not answer, it says so itself. */
export async function forwardRequest(
  { id, method, path, body }: BridgeRequest,
  url: string | undefined,
  secret: string,
): Promise<BridgeResponse> {
  if (!url) return unavailable(id, 'Nothing runs here at the moment.');
  try {
    const response = await fetch(url + path, {
      method,
      redirect: 'manual',
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(withinMs),
    });
    const retryAfter = response.headers.get('retry-after');
    return { id, status: response.status, body: parse(await response.text()), retryAfter };
  } catch {
    return unavailable(id, 'The bridge does not answer at the moment.');
  }
}

const unavailable = (id: string, message: string): BridgeResponse => ({
  id,
  status: 503,
  body: { reason: 'BRIDGE_UNREACHABLE', message },
  retryAfter: null,
});

function parse(text: string) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
