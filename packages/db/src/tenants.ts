import { tenantSchema } from '@it0/contracts/ids';
import type pg from 'pg';
import { adapterOf } from './adapter.ts';
import { PrismaClient } from './generated/tenant/client.ts';

/** Clients kept in memory; with the models of today one takes about 0.2 MB. */
const most = 100;
/** Longer than anybody holds a client that was given out. */
const grace = 60_000;

/**
 * One client per tenant over the shared pool, the most recently used ones kept. Never one client for several schemas:
 * Prisma batches the reads of a client, and would hand one tenant the other's rows.
 */
export function tenantClients(pool: pg.Pool) {
  const clients = new Map<string, PrismaClient>();
  return {
    get(tenantId: string): PrismaClient {
      const schema = tenantSchema(tenantId);
      const client = clients.get(schema) ?? new PrismaClient({ adapter: adapterOf(pool, schema) });
      clients.delete(schema);
      clients.set(schema, client);
      for (const [oldest, unused] of clients) {
        if (clients.size <= most) break;
        clients.delete(oldest);
        setTimeout(() => void unused.$disconnect(), grace).unref();
      }
      return client;
    },
    close: () => Promise.all([...clients.values()].map((client) => client.$disconnect())),
  };
}
