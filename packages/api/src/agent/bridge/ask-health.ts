import { BridgeHealth } from '@it0/contracts/bridge';
import { sendRequest } from './send-request.ts';

/** What a bridge says of itself; null when it does not answer, or not as a bridge does. */
export async function fetchHealth(url: string, secret: string, withinMs = 5_000): Promise<BridgeHealth | null> {
  const response = await sendRequest({ url, secret }, { method: 'GET', path: '/readyz' }, withinMs);
  return BridgeHealth.safeParse(response?.body).data ?? null;
}
