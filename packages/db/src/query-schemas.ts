import { DatabaseError, escapeIdentifier, escapeLiteral, type Pool } from 'pg';
import { toTenantSchema } from './sql.ts';

/**
 * Number of schemas per statement. A statement locks every table and index that it names, and Postgres has only some
 * thousands of locks for all connections.
 */
const BATCH_SIZE = 100;

/** Rows of all schemas, and the schemas whose query failed. */
export type SchemaResults<Row> = {
  rows: (Row & { schema: string })[];
  failed: { schema: string; error: unknown }[];
};

/** Rows of all tenants, and the tenants whose query failed. */
export type TenantResults<Row> = {
  rows: (Row & { tenantId: string })[];
  failed: { tenantId: string; error: unknown }[];
};

/** Runs the same query for many tenants with few statements, see `queryAcrossSchemas`. */
export async function queryAcrossTenants<Row>(
  pool: Pool,
  tenantIds: string[],
  select: (schema: string, tenantId: string) => string,
): Promise<TenantResults<Row>> {
  const ids = new Map(tenantIds.map((id) => [toTenantSchema(id), id]));
  const { rows, failed } = await queryAcrossSchemas<Row>(pool, [...ids.keys()], (schema, name) =>
    select(schema, ids.get(name)!),
  );
  return {
    rows: rows.map((row) => ({ ...row, tenantId: ids.get(row.schema)! })),
    failed: failed.map(({ schema, error }) => ({ tenantId: ids.get(schema)!, error })),
  };
}

/**
 * Runs the same query in many schemas with few statements. `select` receives a schema's name, quoted and unquoted. A
 * schema that is missing or damaged is in `failed` and does not affect the others. `select` must cast types that a
 * schema defines.
 */
export async function queryAcrossSchemas<Row>(
  pool: Pool,
  schemas: string[],
  select: (schema: string, name: string) => string,
): Promise<SchemaResults<Row>> {
  const toQuery = (schema: string) =>
    `SELECT ${escapeLiteral(schema)} AS "schema", q.* FROM (${select(escapeIdentifier(schema), schema)}) q`;

  async function query(batch: string[]): Promise<SchemaResults<Row>> {
    try {
      const { rows } = await pool.query(batch.map(toQuery).join(' UNION ALL '));
      return { rows, failed: [] };
    } catch (error) {
      if (!isSchemaError(error)) throw error;
      if (batch.length === 1) return { rows: [], failed: [{ schema: batch[0]!, error }] };
    }
    // Bisect, so that a few damaged schemas cost only a few more statements.
    const middle = batch.length >> 1;
    return join([await query(batch.slice(0, middle)), await query(batch.slice(middle))]);
  }

  const results: SchemaResults<Row>[] = [];
  for (let from = 0; from < schemas.length; from += BATCH_SIZE)
    results.push(await query(schemas.slice(from, from + BATCH_SIZE)));
  return join(results);
}

/**
 * Returns whether a schema can be the cause: not for lost connections, missing resources, shutdowns and system errors.
 */
const isSchemaError = (error: unknown) => error instanceof DatabaseError && !/^(08|53|57|58)/.test(error.code ?? '');

const join = <Row>(results: SchemaResults<Row>[]): SchemaResults<Row> => ({
  rows: results.flatMap(({ rows }) => rows),
  failed: results.flatMap(({ failed }) => failed),
});
