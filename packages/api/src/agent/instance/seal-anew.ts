import type { Services } from '../../context.ts';

type Sealing = Pick<Services, 'db' | 'keys' | 'refusedTenants'>;

/** Seals those instances' secrets under the secret of now that are sealed under the one that goes away. */
export async function sealInstancesAnew({ db, keys, refusedTenants }: Sealing) {
  const where = { id: { notIn: [...refusedTenants] } };
  for (const tenant of await db.platform.organization.findMany({ where, select: { id: true } })) {
    const { agentInstance } = db.tenant(tenant.id);
    for (const { id, bridgeSecret } of await agentInstance.findMany({ select: { id: true, bridgeSecret: true } })) {
      const secret = keys.outgoing?.open(bridgeSecret) ?? null;
      if (secret === null) continue;
      await agentInstance.updateMany({ where: { id, bridgeSecret }, data: { bridgeSecret: keys.seal(secret) } });
    }
  }
}
