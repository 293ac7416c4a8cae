import type { Pool } from 'pg';
import { toTenantSchema } from './sql.ts';

/** Measures the size of tenants on disk with their indexes, in bytes. */
export async function measureTenants(pool: Pool, tenantIds: string[]): Promise<(tenantId: string) => number> {
  const { rows } = await pool.query<{ schema: string; bytes: number }>(
    `SELECT n.nspname AS "schema", sum(pg_total_relation_size(c.oid))::float8 AS "bytes"
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind = 'r' AND n.nspname = ANY($1) GROUP BY 1`,
    [tenantIds.map(toTenantSchema)],
  );
  const sizes = new Map(rows.map(({ schema, bytes }) => [schema, bytes]));
  return (tenantId) => sizes.get(toTenantSchema(tenantId)) ?? 0;
}
