import type { Core } from '../../core.ts';

/** Re-encrypts the secrets of instances from the outgoing server secret to the current one. */
export async function resealInstances({ db, keys, refusedTenants }: Core) {
  const where = { id: { notIn: [...refusedTenants] } };
  for (const tenant of await db.platform.organization.findMany({ where, select: { id: true } })) {
    const { agentInstance } = db.tenant(tenant.id);
    const select = { id: true, bridgeSecret: true, modelKey: true };
    for (const { id, bridgeSecret, modelKey } of await agentInstance.findMany({ select })) {
      const secret = keys.outgoing?.open(bridgeSecret) ?? null;
      if (secret !== null)
        await agentInstance.updateMany({ where: { id, bridgeSecret }, data: { bridgeSecret: keys.seal(secret) } });
      const key = modelKey && (keys.outgoing?.open(modelKey) ?? null);
      if (modelKey && key !== null)
        await agentInstance.updateMany({ where: { id, modelKey }, data: { modelKey: keys.seal(key) } });
    }
  }
}
