import type { Pool, PoolClient } from 'pg';
import type { Queryable } from './queryable.ts';

/**
 * Runs `work` in a transaction, in a mode such as `READ ONLY`. Rolls it back when `work` throws, and drops a connection
 * on which that fails.
 */
export async function transaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>, mode = ''): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query(`BEGIN ${mode}`);
    const result = await work(client);
    await client.query('COMMIT');
    client.release();
    return result;
  } catch (error) {
    const isBroken = await client.query('ROLLBACK').then(
      () => false,
      () => true,
    );
    client.release(isBroken);
    throw error;
  }
}

/** Waits for the lock with this name. It is held until the end of the transaction. */
export const acquireLock = (client: Queryable, name: string) =>
  // A Prisma client cannot read the type void.
  client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))::text', [name]);
