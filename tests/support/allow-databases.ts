import { SERVER_ROLE } from '@it0/db/embedded/server-role';
import pg from 'pg';

/** Allows the server's role to create databases, which only tests need, and runs `more` statements as superuser. */
export async function allowDatabases(adminUrl: string, ...more: string[]) {
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  for (const sql of [`ALTER ROLE ${SERVER_ROLE} CREATEDB`, ...more]) await admin.query(sql);
  await admin.end();
}
