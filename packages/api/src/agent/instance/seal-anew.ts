import type { Database } from '@it0/db/database';
import type { Keys } from '../../auth/keys.ts';

/** Seals every instance's secret under the secret of now, so that the one before can be forgotten. */
export async function sealAnew(db: Database, keys: Keys) {
  for (const { id } of await db.platform.organization.findMany({ select: { id: true } })) {
    const { agentInstance } = db.tenant(id);
    for (const { id, bridgeSecret } of await agentInstance.findMany({ select: { id: true, bridgeSecret: true } })) {
      await agentInstance.update({ where: { id }, data: { bridgeSecret: keys.seal(keys.open(bridgeSecret)) } });
    }
  }
}
