import { delay } from '@it0/node/delay';
import pg from 'pg';

const OWNER_LOCK = 72_707_370;

/**
 * Makes this process the owner of the server in `data`, by an advisory lock that Postgres releases when the connection
 * ends, so that it never becomes stale. Returns the release, or null when the server is shutting down. Throws while
 * another process is the owner; retries for a moment, since the lock of a killed owner is not released at once.
 */
export async function acquireOwnership(url: string, data: string): Promise<(() => Promise<void>) | null> {
  const client = new pg.Client({ connectionString: url, application_name: 'it0 owner' });
  client.on('error', () => {});
  try {
    await client.connect();
    for (let attempt = 0; attempt < 10; attempt++) {
      const { rows } = await client.query<{ acquired: boolean }>(
        `SELECT pg_try_advisory_lock(${OWNER_LOCK}) AS acquired`,
      );
      if (rows[0]?.acquired) return () => client.end();
      await delay(100);
    }
  } catch {
    await delay(50);
    return null;
  }
  await client.end();
  throw new Error(`Another server is running on the data folder ${data}.`);
}
