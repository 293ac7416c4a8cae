import type { Pool, PoolClient } from 'pg';

/** Runs `work` in a transaction with the given mode, such as `READ ONLY`. Drops the connection when `work` throws. */
export async function withTransaction<T>(
  pool: Pool,
  mode: string,
  work: (client: PoolClient) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query(`BEGIN ${mode}`);
    const result = await work(client);
    await client.query('COMMIT');
    client.release();
    return result;
  } catch (error) {
    client.release(true);
    throw error;
  }
}
