import type { Pool } from 'pg';
import type { Migration } from './migrations.ts';
import { queryAcrossSchemas } from './query-schemas.ts';
import { REMOVAL_UNFINISHED, toRemovalSchema } from './removal-schema.ts';

/** State of a schema compared with the migrations. */
export type SchemaState = {
  /** The last applied migration; null when there is none. */
  version: string | null;
  /** Migrations that are not yet applied. */
  pending: string[];
  /** Known reason why the schema cannot be used or why its last migration failed; null without a problem. */
  problem: string | null;
};

type Row = { name: string; checksum: string; applied: boolean; logs: string | null };

/** Reads the states of many schemas in a few statements. */
export async function readSchemaStates(
  pool: Pool,
  schemas: string[],
  migrations: Migration[],
): Promise<Map<string, SchemaState>> {
  const { rows, failed } = await queryAcrossSchemas<Row>(
    pool,
    schemas,
    (schema) =>
      `SELECT migration_name AS "name", checksum, finished_at IS NOT NULL AND rolled_back_at IS NULL AS "applied", logs
       FROM ${schema}."_prisma_migrations"`,
  );
  const rowsBySchema = Map.groupBy(rows, ({ schema }) => schema);
  const states = new Map(schemas.map((schema) => [schema, toState(rowsBySchema.get(schema) ?? [], migrations)]));
  const removed = failed.length > 0 ? await findRemoved(pool, schemas) : new Set();
  for (const { schema, error } of failed) {
    const reason = removed.has(schema) ? REMOVAL_UNFINISHED : 'its tables are missing';
    states.get(schema)!.problem = isMissing(error) ? reason : toFirstLine(error);
  }
  return states;
}

/** Finds the schemas whose removal was begun. */
async function findRemoved(pool: Pool, schemas: string[]): Promise<Set<string>> {
  const { rows } = await pool.query<{ name: string }>(
    'SELECT nspname AS "name" FROM pg_namespace WHERE nspname = ANY($1)',
    [schemas.map(toRemovalSchema)],
  );
  const names = new Set(rows.map(({ name }) => name));
  return new Set(schemas.filter((schema) => names.has(toRemovalSchema(schema))));
}

function toState(rows: Row[], migrations: Migration[]): SchemaState {
  const applied = new Map(rows.filter((row) => row.applied).map(({ name, checksum }) => [name, checksum]));
  const pending = migrations.filter(({ name }) => !applied.has(name)).map(({ name }) => name);
  const edited = findEditedMigrations(applied, migrations);
  const failure = rows.find((row) => !row.applied && pending.includes(row.name))?.logs ?? null;
  return {
    version: [...applied.keys()].sort().at(-1) ?? null,
    pending,
    problem: edited ? `the migration ${edited} was edited after it was applied` : failure,
  };
}

/** Returns the first migration that was edited after it was applied. `applied` has checksums by name. */
export const findEditedMigrations = (
  applied: ReadonlyMap<string, string>,
  migrations: Migration[],
): string | undefined =>
  migrations.find(({ name, checksum }) => applied.has(name) && applied.get(name) !== checksum)?.name;

/** Error codes of PostgreSQL (undefined table, schema, object) and of Prisma (table does not exist). */
const MISSING_CODES = ['42P01', '3F000', '42704', 'P2021'];

/** Returns whether a statement failed because a table, schema or type does not exist. */
export const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && MISSING_CODES.includes(String(error.code));

/** Returns the first line of an error's message. Further lines may quote values. */
export const toFirstLine = (error: unknown) =>
  (error instanceof Error ? error.message : String(error)).split('\n', 1)[0]!;
