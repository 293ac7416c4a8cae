import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createToken } from '@it0/node/token';
import pg from 'pg';

/** Database role of the server. It owns the schemas, and unlike a superuser cannot read files or run programs. */
export const SERVER_ROLE = 'it0';

/** Returns the role's password from the file beside the data folder, which is created when missing. */
export function ensurePassword(data: string): string {
  const file = toPasswordFile(data);
  if (!existsSync(file)) writeFileSync(file, createToken(), { mode: 0o600, flush: true });
  return readFileSync(file, 'utf8');
}

/** Returns the path of the role's password. */
export const toPasswordFile = (data: string) => `${data}.role-password`;

/** Creates or updates the role, and gives it all schemas that the superuser owns since earlier versions. */
export async function prepareServerRole(adminUrl: string, password: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [SERVER_ROLE]);
    await client.query(`${rowCount ? 'ALTER' : 'CREATE'} ROLE ${SERVER_ROLE} LOGIN NOSUPERUSER PASSWORD '${password}'`);
    await client.query(`GRANT CREATE, CONNECT, TEMPORARY ON DATABASE postgres TO ${SERVER_ROLE}`);
    const { rows } = await client.query<{ schema: string }>(FIND_SCHEMAS, [SERVER_ROLE]);
    // One transaction per schema, since all together could exceed the lock limit. A schema changes its owner last, so
    // that an interrupted one is found again.
    for (const { schema } of rows)
      await client.query(FORMAT_STATEMENTS, [schema]).then(({ rows }) => changeOwner(client, rows[0]?.sql));
  } finally {
    await client.end();
  }
}

const changeOwner = async (client: pg.Client, sql: string | undefined) =>
  sql && (await client.query(`BEGIN; ${sql}; COMMIT`));

const FIND_SCHEMAS = `
  SELECT nspname AS schema FROM pg_namespace
  WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' AND nspowner <> (SELECT oid FROM pg_roles WHERE rolname = $1)`;

/** Statements for one schema. Tables include their indexes, row types and the sequences of their columns. */
const FORMAT_STATEMENTS = `
  WITH target AS (SELECT oid, quote_ident(nspname) AS name FROM pg_namespace WHERE nspname = $1),
  statement AS (
    SELECT 1 AS step, format('ALTER TABLE %s.%I OWNER TO ${SERVER_ROLE}', target.name, relname) AS sql
    FROM pg_class JOIN target ON relnamespace = target.oid
    WHERE relkind IN ('r', 'p', 'v', 'm', 'f') OR relkind = 'S' AND NOT EXISTS (
      SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype IN ('a', 'i'))
    UNION ALL
    SELECT 2, format('ALTER TYPE %s.%I OWNER TO ${SERVER_ROLE}', target.name, typname)
    FROM pg_type JOIN target ON typnamespace = target.oid
    WHERE typtype IN ('e', 'd', 'r') OR typtype = 'c' AND EXISTS (
      SELECT FROM pg_class WHERE pg_class.oid = typrelid AND relkind = 'c')
    UNION ALL
    SELECT 3, format('ALTER ROUTINE %s OWNER TO ${SERVER_ROLE}', pg_proc.oid::regprocedure)
    FROM pg_proc JOIN target ON pronamespace = target.oid
    UNION ALL
    SELECT 4, format('ALTER SCHEMA %s OWNER TO ${SERVER_ROLE}', target.name) FROM target
  )
  SELECT string_agg(sql, '; ' ORDER BY step) AS sql FROM statement`;
