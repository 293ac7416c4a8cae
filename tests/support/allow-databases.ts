import { SERVER_ROLE } from '@it0/db/embedded/server-role';
import pg from 'pg';

/** Lets the server's role make databases, as it needs to for tests alone; and what else only the superuser may. */
export async function allowDatabases(adminUrl: string, ...more: string[]) {
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  for (const sql of [`ALTER ROLE ${SERVER_ROLE} CREATEDB`, ...more]) await admin.query(sql);
  await admin.end();
}
