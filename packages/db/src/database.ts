import { toTenantSchema } from '@it0/contracts/ids';
import pg from 'pg';
import { v7 as uuid } from 'uuid';
import { createAdapter } from './adapter.ts';
import { PrismaClient as PlatformClient } from './generated/platform/client.ts';
import type { PrismaClient as TenantClient } from './generated/tenant/client.ts';
import { loadMigrations, migrateSchema, migrateSchemas } from './migrate.ts';
import { readSchemaStates, type SchemaState } from './schema-state.ts';
import { tenantClients } from './tenant-clients.ts';

export type { PlatformClient, TenantClient };
export type TenantState = SchemaState & { id: string; name: string };

export type Database = {
  pool: pg.Pool;
  platform: PlatformClient;
  /** The client that sees this tenant's rows and no other's. `$queryRaw` is not bound to the tenant: name the schema. */
  tenant(tenantId: string): TenantClient;
  /**
   * The platform's schema, then every tenant's. A tenant that fails does not stop the others: it is in the result.
   * `onProgress` counts the tenants that are not up to date.
   */
  migrate(
    onProgress?: (done: number, all: number) => void,
  ): Promise<{ failed: { tenantId: string; error: unknown }[] }>;
  /** The migrations that are still to be applied to the platform's schema. */
  pending(): Promise<string[]>;
  /** How the schemas of all tenants stand, the oldest tenant first. */
  tenants(): Promise<TenantState[]>;
  /** Makes the tenant with its schema and returns its id. Repeated with the same id, it changes nothing. */
  createTenant(tenant: { id?: string; name: string }): Promise<string>;
  close(): Promise<void>;
};

// Measured: the plan that a backend keeps of a tenant's largest statement is 0.5 MB, and a new connection costs 20 ms.
const maxUses = 2_000;

/** Opens the database of a Postgres URL: one pool, which everything shares. Nothing connects before the first query. */
export function createDatabase({ url }: { url: string }): Database {
  const pool = new pg.Pool({ connectionString: url, application_name: 'it0', max: 20, maxUses });
  // Every Prisma client listens to the pool.
  pool.setMaxListeners(0);
  // Without a listener a lost connection would end the process, an idle one as well as one in a transaction. The pool
  // just makes another.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  const platform = new PlatformClient({ adapter: createAdapter(pool, 'public') });
  const clients = tenantClients(pool);
  const listTenants = () =>
    platform.organization.findMany({
      select: { id: true, name: true },
      orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
    });

  return {
    pool,
    platform,
    tenant: clients.get,
    async migrate(onProgress = () => {}) {
      await migrateSchema(pool, 'public', await loadMigrations('platform'));
      const tenants = await listTenants();
      const schemas = tenants.map(({ id }) => toTenantSchema(id));
      const errors = await migrateSchemas(pool, schemas, await loadMigrations('tenant'), onProgress);
      const failed = tenants.filter(({ id }) => errors.has(toTenantSchema(id)));
      return { failed: failed.map(({ id }) => ({ tenantId: id, error: errors.get(toTenantSchema(id)) })) };
    },
    async pending() {
      const states = await readSchemaStates(pool, ['public'], await loadMigrations('platform'));
      return states.get('public')!.pending;
    },
    async tenants() {
      const tenants = await listTenants();
      const schemas = tenants.map(({ id }) => toTenantSchema(id));
      const states = await readSchemaStates(pool, schemas, await loadMigrations('tenant'));
      return tenants.map(({ id, name }) => ({ id, name, ...states.get(toTenantSchema(id))! }));
    },
    async createTenant({ id = uuid(), name }) {
      await migrateSchema(pool, toTenantSchema(id), await loadMigrations('tenant'));
      await platform.organization.upsert({ where: { id }, create: { id, name, slug: id }, update: {} });
      return id;
    },
    async close() {
      await Promise.all([platform.$disconnect(), clients.close()]);
      await pool.end();
    },
  };
}
