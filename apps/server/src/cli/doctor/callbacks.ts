import type { Finding } from './finding.ts';

const RESPONSE_MS = 5_000;

/** Checks whether a server responds at the origin that local bridges report to. */
export async function examineCallbacks(origin: string): Promise<Finding> {
  const subject = 'callbacks';
  const isReachable = await fetch(new URL('/healthz', origin), { signal: AbortSignal.timeout(RESPONSE_MS) }).then(
    (response) => response.ok,
    () => false,
  );
  if (isReachable) return { subject, state: `reachable at ${origin}`, advice: null };
  const advice = 'Agents on this machine report there. Restart the server with a HOST that this machine can reach.';
  return { subject, state: `no response at ${origin}`, advice };
}
