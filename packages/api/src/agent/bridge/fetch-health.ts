import { BridgeHealth } from '@it0/contracts/bridge';
import { sendRequest } from './send-request.ts';

/**
 * Fetches the health of a bridge. Returns null when it does not respond, or with anything else than a health report.
 */
export async function fetchHealth(url: string, secret: string, withinMs = 5_000): Promise<BridgeHealth | null> {
  const response = await sendRequest({ url, secret }, { method: 'GET', path: '/readyz' }, withinMs);
  return BridgeHealth.safeParse(response?.body).data ?? null;
}
