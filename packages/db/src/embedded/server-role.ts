import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import pg from 'pg';

/** As whom the server works: it owns its schemas, and can neither read files nor run programs. */
export const SERVER_ROLE = 'it0';

/** Returns the role's password, kept beside the data folder; made when there is none. */
export function keepPassword(data: string): string {
  const file = passwordFile(data);
  if (!existsSync(file)) writeFileSync(file, randomBytes(24).toString('base64url'), { mode: 0o600, flush: true });
  return readFileSync(file, 'utf8');
}

export const passwordFile = (data: string) => `${data}.role-password`;

/** Makes the role, and makes it the owner of what the superuser owned, as it was before there was a role. */
export async function prepareServerRole(adminUrl: string, password: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [SERVER_ROLE]);
    await client.query(`${rowCount ? 'ALTER' : 'CREATE'} ROLE ${SERVER_ROLE} LOGIN NOSUPERUSER PASSWORD '${password}'`);
    await client.query(`GRANT CREATE, CONNECT, TEMPORARY ON DATABASE postgres TO ${SERVER_ROLE}`);
    const { rows } = await client.query<{ schema: string }>(FOREIGN_SCHEMAS, [SERVER_ROLE]);
    // One transaction each: all of them together could need more locks than there are. A schema itself comes last, so
    // that one that was begun is found again.
    for (const { schema } of rows)
      await client.query(GIVE_SCHEMA, [schema]).then(({ rows }) => give(client, rows[0]?.sql));
  } finally {
    await client.end();
  }
}

const give = async (client: pg.Client, sql: string | undefined) => sql && (await client.query(`BEGIN; ${sql}; COMMIT`));

const FOREIGN_SCHEMAS = `
  SELECT nspname AS schema FROM pg_namespace
  WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' AND nspowner <> (SELECT oid FROM pg_roles WHERE rolname = $1)`;

/** Tables bring their indexes, their row types and the sequences of their columns along. */
const GIVE_SCHEMA = `
  WITH place AS (SELECT oid, quote_ident(nspname) AS name FROM pg_namespace WHERE nspname = $1),
  statement AS (
    SELECT 1 AS step, format('ALTER TABLE %s.%I OWNER TO ${SERVER_ROLE}', place.name, relname) AS sql
    FROM pg_class JOIN place ON relnamespace = place.oid
    WHERE relkind IN ('r', 'p', 'v', 'm', 'f') OR relkind = 'S' AND NOT EXISTS (
      SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype IN ('a', 'i'))
    UNION ALL
    SELECT 2, format('ALTER TYPE %s.%I OWNER TO ${SERVER_ROLE}', place.name, typname)
    FROM pg_type JOIN place ON typnamespace = place.oid
    WHERE typtype IN ('e', 'd', 'r') OR typtype = 'c' AND EXISTS (
      SELECT FROM pg_class WHERE pg_class.oid = typrelid AND relkind = 'c')
    UNION ALL
    SELECT 3, format('ALTER ROUTINE %s OWNER TO ${SERVER_ROLE}', pg_proc.oid::regprocedure)
    FROM pg_proc JOIN place ON pronamespace = place.oid
    UNION ALL
    SELECT 4, format('ALTER SCHEMA %s OWNER TO ${SERVER_ROLE}', place.name) FROM place
  )
  SELECT string_agg(sql, '; ' ORDER BY step) AS sql FROM statement`;
