import { escapeIdentifier, escapeLiteral, type Pool } from 'pg';
import type { Queryable } from './queryable.ts';
import { toTenantSchema } from './sql.ts';

/** Query for rows of a tenant, and the name of their table in an export. */
export type Source = { table: string; sql: string };

/**
 * Lists the sources in the platform's schema, without credentials. The id of an invitation is left out: it is its link.
 */
const listPlatformSources = (id: string): Source[] => [
  {
    table: 'platform.Organization',
    sql: `SELECT "id", "name", "slug", "metadata", "createdAt" FROM public."Organization" WHERE "id" = ${id}`,
  },
  {
    table: 'platform.Member',
    sql: `SELECT m."id", m."userId", u."name", COALESCE(u."claimedEmail", u."email") AS "email", m."role", m."createdAt"
          FROM public."Member" m JOIN public."User" u ON u."id" = m."userId" WHERE m."organizationId" = ${id}`,
  },
  {
    table: 'platform.Invitation',
    sql: `SELECT "email", "role", "status", "inviterId", "expiresAt", "createdAt"
          FROM public."Invitation" WHERE "organizationId" = ${id}`,
  },
];

/** Lists the sources of a tenant, including tables in `schema` that this version does not know. */
export async function listSources(
  db: Queryable,
  tenantId: string,
  schema = toTenantSchema(tenantId),
): Promise<Source[]> {
  const tenantSources = (await listTables(db, schema)).map((name) => ({
    table: `tenant.${name}`,
    sql: `SELECT * FROM ${escapeIdentifier(schema)}.${escapeIdentifier(name)}`,
  }));
  return [...listPlatformSources(escapeLiteral(tenantId)), ...tenantSources];
}

/** Lists the tables of a schema; none when the schema is missing. */
export async function listTables(db: Queryable, schema: string): Promise<string[]> {
  const { rows } = await db.query<{ name: string }>(
    `SELECT "relname" AS "name" FROM pg_class WHERE "relkind" = 'r' AND "relnamespace" = to_regnamespace($1) ORDER BY 1`,
    [schema],
  );
  return rows.map(({ name }) => name);
}

/** Counts the rows of each source. */
export async function readRows(db: Queryable, sources: Source[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { table, sql } of sources) {
    const { rows } = await db.query<{ count: string }>(`SELECT count(*) AS "count" FROM (${sql}) r`);
    counts[table] = Number(rows[0]!.count);
  }
  return counts;
}

/** Counts the current rows of a tenant by table. */
export const countRows = async (pool: Pool, tenantId: string) => readRows(pool, await listSources(pool, tenantId));

/** Returns a file name with the tenant's slug and the current time. Throws when there is no such tenant. */
export async function createExportName(db: Queryable, tenantId: string): Promise<string> {
  const { rows } = await db.query<{ slug: string }>('SELECT "slug" FROM public."Organization" WHERE "id" = $1', [
    tenantId,
  ]);
  if (!rows[0]) throw new Error(`There is no tenant ${tenantId}.`);
  const name = /^[\w-]{1,80}$/.test(rows[0].slug) ? rows[0].slug : tenantId;
  return `${name}-${new Date().toISOString().replace(/\D/g, '')}.jsonl.gz`;
}
