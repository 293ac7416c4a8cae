import { toTenantSchema } from '@it0/contracts/ids';
import type pg from 'pg';
import { createAdapter } from './adapter.ts';
import { PrismaClient } from './generated/tenant/client.ts';

/** Clients kept in memory; with the models of today one takes about 1 MB. */
export const MAX_CLIENTS = 100;

/**
 * One client per tenant over the shared pool, the most recently used ones kept. Never one client for several schemas:
 * Prisma batches the reads of a client, and would hand one tenant the other's rows.
 */
export function tenantClients(pool: pg.Pool) {
  const clients = new Map<string, PrismaClient>();
  const callbackFailing = withoutListeners(pool);
  return {
    get(tenantId: string): PrismaClient {
      const schema = toTenantSchema(tenantId);
      const client = clients.get(schema) ?? new PrismaClient({ adapter: createAdapter(callbackFailing, schema) });
      clients.delete(schema);
      clients.set(schema, client);
      if (clients.size > MAX_CLIENTS) clients.delete(clients.keys().next().value!);
      return client;
    },
    close: () => Promise.all([...clients.values()].map((client) => client.$disconnect())),
  };
}

/**
 * The pool for clients that come and go. A client listens to its pool's errors until it is disconnected, and whoever
 * holds one that was let go may connect it again: the pool would hold it for ever. Like this nothing does but its user.
 */
function withoutListeners(pool: pg.Pool): pg.Pool {
  const own = { on: () => pool, removeListener: () => pool };
  return Object.assign(Object.create(pool), own, { query: pool.query.bind(pool), connect: pool.connect.bind(pool) });
}
