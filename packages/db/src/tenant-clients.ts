import type pg from 'pg';
import { createAdapter } from './adapter.ts';
import { PrismaClient } from './generated/tenant/client.ts';
import { toTenantSchema } from './sql.ts';

/** Number of clients in memory. One takes about 1 MB. */
export const MAX_CLIENTS = 100;

/**
 * Creates a least-recently-used cache of clients over the shared pool, one per tenant. A client never serves several
 * schemas: Prisma batches the reads of a client, and would return rows of one tenant to another.
 */
export function createTenantClients(pool: pg.Pool) {
  const clients = new Map<string, PrismaClient>();
  const silentPool = ignoreListeners(pool);
  return {
    get(tenantId: string): PrismaClient {
      const schema = toTenantSchema(tenantId);
      const client = clients.get(schema) ?? new PrismaClient({ adapter: createAdapter(silentPool, schema) });
      clients.delete(schema);
      clients.set(schema, client);
      if (clients.size > MAX_CLIENTS) clients.delete(clients.keys().next().value!);
      return client;
    },
    disconnect: () => Promise.all([...clients.values()].map((client) => client.$disconnect())),
  };
}

/**
 * Returns the pool without its events. A client listens to errors of its pool until it is disconnected, and code that
 * still holds an evicted client may connect it again. Its listener would then keep it in memory forever.
 */
function ignoreListeners(pool: pg.Pool): pg.Pool {
  const overrides = { on: () => pool, removeListener: () => pool };
  return Object.assign(Object.create(pool), overrides, {
    query: pool.query.bind(pool),
    connect: pool.connect.bind(pool),
  });
}
