import { tenantSchema } from '@it0/contracts/ids';
import pg from 'pg';
import { v7 as uuid } from 'uuid';
import { adapterOf } from './adapter.ts';
import { PrismaClient as PlatformClient } from './generated/platform/client.ts';
import type { PrismaClient as TenantClient } from './generated/tenant/client.ts';
import { loadMigrations, migrateSchema, pendingMigrations } from './migrate.ts';
import { tenantClients } from './tenants.ts';

export type { PlatformClient, TenantClient };

export type Database = {
  pool: pg.Pool;
  platform: PlatformClient;
  /** The client that sees this tenant's rows and no other's. `$queryRaw` is not bound to the tenant: name the schema. */
  tenant(tenantId: string): TenantClient;
  /** The platform's schema, then every tenant's. A tenant that fails does not stop the others: it is in the result. */
  migrate(
    onProgress?: (done: number, all: number) => void,
  ): Promise<{ failed: { tenantId: string; error: unknown }[] }>;
  /** The migrations that are still to be applied to the platform's schema, or to a tenant's. */
  pending(tenantId?: string): Promise<string[]>;
  /** Makes the tenant with its schema and returns its id. Repeated with the same id, it changes nothing. */
  createTenant(tenant: { id?: string; name: string }): Promise<string>;
  close(): Promise<void>;
};

/** Opens the database of a Postgres URL: one pool, which everything shares. Nothing connects before the first query. */
export function createDatabase({ url }: { url: string }): Database {
  const pool = new pg.Pool({ connectionString: url, application_name: 'it0', max: 20 });
  // Every Prisma client listens to the pool.
  pool.setMaxListeners(0);
  // Without a listener a lost connection would end the process, an idle one as well as one in a transaction. The pool
  // just makes another.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  const platform = new PlatformClient({ adapter: adapterOf(pool, 'public') });
  const tenants = tenantClients(pool);

  return {
    pool,
    platform,
    tenant: tenants.get,
    async migrate(onProgress = () => {}) {
      await migrateSchema(pool, 'public', await loadMigrations('platform'));
      const migrations = await loadMigrations('tenant');
      const failed: { tenantId: string; error: unknown }[] = [];
      const tenants = await platform.organization.findMany({ select: { id: true }, orderBy: { createdAt: 'asc' } });
      for (const [index, { id }] of tenants.entries()) {
        await migrateSchema(pool, tenantSchema(id), migrations).catch((error: unknown) => {
          failed.push({ tenantId: id, error });
        });
        onProgress(index + 1, tenants.length);
      }
      return { failed };
    },
    pending: async (tenantId) =>
      tenantId
        ? pendingMigrations(pool, tenantSchema(tenantId), await loadMigrations('tenant'))
        : pendingMigrations(pool, 'public', await loadMigrations('platform')),
    async createTenant({ id = uuid(), name }) {
      await migrateSchema(pool, tenantSchema(id), await loadMigrations('tenant'));
      await platform.organization.upsert({ where: { id }, create: { id, name, slug: id }, update: {} });
      return id;
    },
    async close() {
      await Promise.all([platform.$disconnect(), tenants.close()]);
      await pool.end();
    },
  };
}
