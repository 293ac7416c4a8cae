import type { Database } from '@it0/db/database';
import type { Keys } from '../../auth/keys.ts';
import type { Instance } from './instance.ts';

/** What a driver says of an instance it runs. */
export type InstanceChange = {
  status: Instance['status'];
  detail: string | null;
  bridgeUrl: string | null;
  model: { name: string; scripted: boolean } | null;
};

/** The instances that this server runs itself, of all tenants, less those that a person stopped. */
export async function listLocalInstances(db: Database, keys: Keys) {
  const tenants = await db.platform.organization.findMany({ select: { id: true } });
  const lists = await Promise.all(
    tenants.map(async ({ id: tenantId }) => {
      const where = { driver: 'local', status: { not: 'STOPPED' } } as const;
      const instances = await db.tenant(tenantId).agentInstance.findMany({ where });
      return instances.map(({ id, bridgeSecret }) => ({ tenantId, id, secret: keys.open(bridgeSecret) }));
    }),
  );
  return lists.flat();
}

export async function recordInstanceChange(db: Database, tenantId: string, id: string, change: InstanceChange) {
  const { status, detail, bridgeUrl, model } = change;
  await db.tenant(tenantId).agentInstance.updateMany({
    where: { id },
    data: {
      status,
      statusDetail: detail,
      bridgeUrl,
      ...(model && { modelName: model.name, scripted: model.scripted }),
    },
  });
}
