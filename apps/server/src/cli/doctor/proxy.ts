import type { Database } from '@it0/db/database';
import type { Finding } from './finding.ts';

/** Checks whether agents can impersonate the proxy on a machine whose own addresses are trusted without a secret. */
export async function examineProxy(db: Database, tenantIds: string[]): Promise<Finding> {
  const subject = 'proxy';
  const counts = await Promise.all(
    tenantIds.map((id) =>
      db.tenant(id).agentInstance.count({ where: { driver: 'local', desiredState: { not: 'REMOVED' } } }),
    ),
  );
  const count = counts.reduce((sum, count) => sum + count, 0);
  if (count === 0) return { subject, state: 'trusted by its address; no agents run on this machine', advice: null };
  return {
    subject,
    state: 'agents on this machine can impersonate it and claim any client address, which evades the sign-in limits',
    advice: 'Set TRUST_PROXY_SECRET, and configure the proxy to send it as X-Proxy-Secret.',
  };
}
