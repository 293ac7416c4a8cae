import pg from 'pg';
import { v7 as uuid } from 'uuid';
import { createAdapter } from './adapter.ts';
import { PrismaClient as PlatformClient } from './generated/platform/client.ts';
import type { PrismaClient as TenantClient } from './generated/tenant/client.ts';
import { migrateSchema, migrateSchemas } from './migrate.ts';
import { loadMigrations } from './migrations.ts';
import { readSchemaStates, type SchemaState } from './schema-state.ts';
import { toTenantSchema } from './sql.ts';
import { createTenantClients } from './tenant-clients.ts';

export type { PlatformClient, TenantClient };
/** A tenant and the state of its schema. */
export type TenantState = SchemaState & { id: string; name: string };

/** The platform's database with the schemas of all tenants. */
export type Database = AsyncDisposable & {
  pool: pg.Pool;
  platform: PlatformClient;
  /** Returns the client for one tenant's rows. `$queryRaw` is not bound to the tenant: name the schema in the SQL. */
  tenant(tenantId: string): TenantClient;
  /**
   * Migrates the platform's schema, then those of all tenants. A tenant that fails is in the result and does not stop
   * the others. `onProgress` counts the tenants that are not up to date.
   */
  migrate(
    onProgress?: (done: number, total: number) => void,
  ): Promise<{ failed: { tenantId: string; error: unknown }[] }>;
  /** Lists the migrations that are not yet applied to the platform's schema. */
  pending(): Promise<string[]>;
  /** Lists all tenants with the state of their schemas, oldest first. */
  tenants(): Promise<TenantState[]>;
  /** Creates a tenant with its schema and returns its id. Does nothing when a tenant with this id exists. */
  createTenant(tenant: { id?: string; name: string }): Promise<string>;
};

/**
 * Number of uses after which a connection is replaced, since a backend caches a plan for every statement of every
 * tenant. Measured: the plan of a tenant's largest statement takes 0.5 MB, and a new connection 20 ms.
 */
const MAX_USES = 2_000;

/** Opens the database at a Postgres URL with one shared pool. It connects at the first query. */
export function createDatabase({ url }: { url: string }): Database {
  const pool = new pg.Pool({ connectionString: url, application_name: 'it0', max: 20, maxUses: MAX_USES });
  // Every Prisma client listens to the pool.
  pool.setMaxListeners(0);
  // Without listeners, a lost connection would end the process, whether idle or in a transaction.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  const platform = new PlatformClient({ adapter: createAdapter(pool, 'public') });
  const clients = createTenantClients(pool);
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
    async [Symbol.asyncDispose]() {
      await Promise.all([platform.$disconnect(), clients.disconnect()]);
      await pool.end();
    },
  };
}
