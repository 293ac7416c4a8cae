import { toTenantSchema } from '@it0/contracts/ids';
import { escapeIdentifier, escapeLiteral, type Pool, type PoolClient } from 'pg';

/** Rows of a tenant, and under which name they are exported. */
export type Source = { table: string; sql: string };

type Queryable = Pick<Pool | PoolClient, 'query'>;

/** What the platform knows of a tenant, less what lets somebody in: an invitation's id is its link. */
const platform = (id: string): Source[] => [
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

/** Everything of a tenant whose tables stand in `schema`: all that are there, whatever this version knows of them. */
export async function listSources(
  db: Queryable,
  tenantId: string,
  schema = toTenantSchema(tenantId),
): Promise<Source[]> {
  const own = (await listTables(db, schema)).map((name) => ({
    table: `tenant.${name}`,
    sql: `SELECT * FROM ${escapeIdentifier(schema)}.${escapeIdentifier(name)}`,
  }));
  return [...platform(escapeLiteral(tenantId)), ...own];
}

export async function listTables(db: Queryable, schema: string): Promise<string[]> {
  const { rows } = await db.query<{ name: string }>(
    `SELECT "relname" AS "name" FROM pg_class WHERE "relkind" = 'r' AND "relnamespace" = to_regnamespace($1) ORDER BY 1`,
    [schema],
  );
  return rows.map(({ name }) => name);
}

/** How many rows there are of each. */
export async function readRows(db: Queryable, sources: Source[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { table, sql } of sources) {
    const { rows } = await db.query<{ count: string }>(`SELECT count(*) AS "count" FROM (${sql}) r`);
    counts[table] = Number(rows[0]!.count);
  }
  return counts;
}

/** The same of a tenant as it stands now. */
export const countRows = async (pool: Pool, tenantId: string) => readRows(pool, await listSources(pool, tenantId));

/** A name that tells whose it is and of when. */
export async function exportFile(db: Queryable, tenantId: string): Promise<string> {
  const { rows } = await db.query<{ slug: string }>('SELECT "slug" FROM public."Organization" WHERE "id" = $1', [
    tenantId,
  ]);
  if (!rows[0]) throw new Error(`There is no tenant ${tenantId}.`);
  const name = /^[\w-]{1,80}$/.test(rows[0].slug) ? rows[0].slug : tenantId;
  return `${name}-${new Date().toISOString().replace(/\D/g, '')}.jsonl.gz`;
}
