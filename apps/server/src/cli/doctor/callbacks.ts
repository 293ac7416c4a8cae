import type { Finding } from './finding.ts';

const ANSWER_MS = 5_000;

/** Checks whether a server responds at the origin that local bridges report to. */
export async function examineCallbacks(origin: string): Promise<Finding> {
  const what = 'callbacks';
  const answers = await fetch(new URL('/healthz', origin), { signal: AbortSignal.timeout(ANSWER_MS) }).then(
    (response) => response.ok,
    () => false,
  );
  if (answers) return { what, seen: `answered at ${origin}`, todo: null };
  const todo = 'Agents on this machine report there. Start the server again, with a HOST that this machine reaches.';
  return { what, seen: `nothing answers at ${origin}`, todo };
}
