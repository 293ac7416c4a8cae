import type { Database } from '@it0/db/database';
import type { Finding } from './finding.ts';

/** Checks who can pass for the proxy, on a machine whose own addresses are trusted without a secret. */
export async function examineProxy(db: Database, tenantIds: string[]): Promise<Finding> {
  const what = 'proxy';
  const counts = await Promise.all(
    tenantIds.map((id) =>
      db.tenant(id).agentInstance.count({ where: { driver: 'local', desiredState: { not: 'REMOVED' } } }),
    ),
  );
  const count = counts.reduce((sum, one) => sum + one, 0);
  if (count === 0) return { what, seen: 'trusted by its address; no agents run on this machine', todo: null };
  return {
    what,
    seen: 'agents on this machine can pass for it and claim any client address, which evades the limits of sign-ins',
    todo: 'Set TRUST_PROXY_SECRET, and let the proxy send it as X-Proxy-Secret.',
  };
}
