import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

const lock = 72_707_370;

/**
 * Makes the server in `data` this process's own, by an advisory lock that Postgres takes back when the connection ends:
 * nothing goes stale, whatever happens to us. Null when the server is just shutting down; throws while another process
 * owns it. The short wait is for an owner that was killed a moment ago.
 */
export async function acquireOwnership(url: string, data: string): Promise<(() => Promise<void>) | null> {
  const client = new pg.Client({ connectionString: url, application_name: 'it0 owner' });
  client.on('error', () => {});
  try {
    await client.connect();
    for (let attempt = 0; attempt < 10; attempt++) {
      const { rows } = await client.query<{ held: boolean }>(`SELECT pg_try_advisory_lock(${lock}) AS held`);
      if (rows[0]?.held) return () => client.end();
      await sleep(100);
    }
  } catch {
    await sleep(50);
    return null;
  }
  await client.end();
  throw new Error(`Another server is running on the data in ${data}.`);
}
