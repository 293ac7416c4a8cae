import { BridgeHealth } from '@it0/contracts/bridge';

/** What a bridge says of itself; null when it does not answer, or not as a bridge does. */
export async function askHealth(url: string, secret: string, withinMs = 5_000): Promise<BridgeHealth | null> {
  try {
    const response = await fetch(new URL('/readyz', url), {
      redirect: 'error',
      headers: { authorization: `Bearer ${secret}` },
      signal: AbortSignal.timeout(withinMs),
    });
    return BridgeHealth.parse(await response.json());
  } catch {
    return null;
  }
}
