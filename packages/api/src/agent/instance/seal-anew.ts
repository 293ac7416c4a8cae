import type { Database } from '@it0/db/database';
import type { Logger } from 'pino';
import type { Keys } from '../../auth/keys.ts';

type Sealing = { db: Database; keys: Keys; log: Logger; refusedTenants: ReadonlySet<string> };

/** Seals every instance's secret under the secret of now, so that the one before can be forgotten. */
export async function sealAnew({ db, keys, log, refusedTenants }: Sealing) {
  for (const { id } of await db.platform.organization.findMany({ select: { id: true } })) {
    if (refusedTenants.has(id)) {
      log.error(
        { tenantId: id },
        'a refused tenant still needs the secret before: keep it until the tenant is repaired',
      );
      continue;
    }
    const { agentInstance } = db.tenant(id);
    for (const { id, bridgeSecret } of await agentInstance.findMany({ select: { id: true, bridgeSecret: true } })) {
      await agentInstance.update({ where: { id }, data: { bridgeSecret: keys.seal(keys.open(bridgeSecret)) } });
    }
  }
}
