import { tenantSchema } from '@it0/contracts/ids';
import type { Database } from '@it0/db/database';
import { askSchemas } from '@it0/db/many-schemas';
import type { Services } from '../../context.ts';
import type { Instance } from './instance.ts';

/** What a driver says of an instance it runs. */
export type InstanceChange = {
  status: Instance['status'];
  detail: string | null;
  bridgeUrl: string | null;
  model: { name: string; scripted: boolean } | null;
};

type Listing = Pick<Services, 'db' | 'keys' | 'log' | 'refusedTenants'>;

/** The instances that this server runs itself, of all tenants that it serves, less those that a person stopped. */
export async function listLocalInstances({ db, keys, log, refusedTenants }: Listing) {
  const tenants = await db.platform.organization.findMany({
    where: { id: { notIn: [...refusedTenants] } },
    select: { id: true },
  });
  const ids = new Map(tenants.map(({ id }) => [tenantSchema(id), id]));
  const { rows, failed } = await askSchemas<{ id: string; bridgeSecret: Buffer }>(
    db.pool,
    [...ids.keys()],
    (schema) =>
      `SELECT "id", "bridgeSecret" FROM ${schema}."AgentInstance" WHERE "driver" = 'local' AND "status" <> 'STOPPED'`,
  );
  for (const { schema, error } of failed) {
    log.error({ err: error, tenantId: ids.get(schema) }, 'the instances of a tenant cannot be run');
  }
  return rows.map(({ schema, id, bridgeSecret }) => ({
    ...{ tenantId: ids.get(schema)!, id },
    secret: keys.open(bridgeSecret),
  }));
}

/** Those of the tenants that are there no more. */
export async function findRemoved({ platform }: Database, tenantIds: string[]): Promise<string[]> {
  const where = { id: { in: tenantIds } };
  const found = new Set((await platform.organization.findMany({ where, select: { id: true } })).map(({ id }) => id));
  return tenantIds.filter((id) => !found.has(id));
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
