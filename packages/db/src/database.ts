import { createHash } from 'node:crypto';
import { tenantSchema } from '@it0/contracts/ids';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { v7 as uuid } from 'uuid';
import { PrismaClient as PlatformClient } from './generated/platform/client.ts';
import { PrismaClient as TenantClient } from './generated/tenant/client.ts';
import { loadMigrations, migrateSchema } from './migrate.ts';

export type { PlatformClient, TenantClient };

export type Database = {
  pool: pg.Pool;
  platform: PlatformClient;
  /** The client that sees this tenant's rows and no other's. `$queryRaw` is not bound to the tenant: name the schema. */
  tenant(tenantId: string): TenantClient;
  /** The platform's schema, then every tenant's. A tenant that fails does not stop the others: it is in the result. */
  migrate(): Promise<{ failed: { tenantId: string; error: unknown }[] }>;
  createTenant(tenant: { id?: string; name: string }): Promise<string>;
  close(): Promise<void>;
};

/** Tenants whose clients stay in memory: a client is about 0.2 MB. */
const openTenants = 100;

export function createDatabase({ url }: { url: string }): Database {
  const pool = new pg.Pool({ connectionString: url, application_name: 'it0', max: 20 });
  // Every Prisma client listens on the pool.
  pool.setMaxListeners(0);
  // A lost idle connection is no fault: the pool makes another.
  pool.on('error', () => {});
  const platform = new PlatformClient({ adapter: adapter(pool, 'public') });
  const tenants = new Map<string, TenantClient>();

  const tenant = (tenantId: string) => {
    const schema = tenantSchema(tenantId);
    const client = tenants.get(schema) ?? new TenantClient({ adapter: adapter(pool, schema) });
    tenants.delete(schema);
    tenants.set(schema, client);
    if (tenants.size > openTenants) closeOldest();
    return client;
  };

  const closeOldest = () => {
    const [[schema, client]] = tenants;
    tenants.delete(schema);
    // Whoever got it before may still be using it.
    setTimeout(() => void client.$disconnect(), 60_000).unref();
  };

  return {
    pool,
    platform,
    tenant,
    async migrate() {
      await migrateSchema(pool, 'public', await loadMigrations('platform'));
      const migrations = await loadMigrations('tenant');
      const organizations = await platform.organization.findMany({ select: { id: true }, orderBy: { id: 'asc' } });
      const failed: { tenantId: string; error: unknown }[] = [];
      for (const { id: tenantId } of organizations) {
        await migrateSchema(pool, tenantSchema(tenantId), migrations).catch((error: unknown) => {
          failed.push({ tenantId, error });
        });
      }
      return { failed };
    },
    async createTenant({ id = uuid(), name }) {
      await migrateSchema(pool, tenantSchema(id), await loadMigrations('tenant'));
      await platform.organization.create({ data: { id, name } });
      return id;
    },
    async close() {
      await Promise.all([platform, ...tenants.values()].map((client) => client.$disconnect()));
      await pool.end();
    },
  };
}

/** Prepared statements have the name of their text, else none is cached. */
const adapter = (pool: pg.Pool, schema: string) =>
  new PrismaPg(pool, { schema, statementNameGenerator: ({ sql }) => createHash('sha1').update(sql).digest('base64') });
