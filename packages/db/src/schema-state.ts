import type { Pool } from 'pg';
import type { Migration } from './migrate.ts';
import { queryAcrossSchemas } from './query-schemas.ts';
import { removalSchema, removalUnfinished } from './removal-schema.ts';

/** How a schema stands to the migrations there are. */
export type SchemaState = {
  /** The last one it has; null when it has none. */
  version: string | null;
  /** Those it lacks. */
  pending: string[];
  /** Why it cannot be used, or why the last attempt to bring it up to date failed, as far as that is known. */
  trouble: string | null;
};

type Row = { name: string; checksum: string; applied: boolean; logs: string | null };

/** How many schemas stand, with few statements. */
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
  const known = Map.groupBy(rows, ({ schema }) => schema);
  const states = new Map(schemas.map((schema) => [schema, stateOf(known.get(schema) ?? [], migrations)]));
  const aside = failed.length > 0 ? await findAside(pool, schemas) : new Set();
  for (const { schema, error } of failed) {
    const missing = aside.has(schema) ? removalUnfinished : 'its tables are missing';
    states.get(schema)!.trouble = isMissing(error) ? missing : firstLine(error);
  }
  return states;
}

/** Those that somebody is removing. */
async function findAside(pool: Pool, schemas: string[]): Promise<Set<string>> {
  const { rows } = await pool.query<{ name: string }>(
    'SELECT nspname AS "name" FROM pg_namespace WHERE nspname = ANY($1)',
    [schemas.map(removalSchema)],
  );
  const found = new Set(rows.map(({ name }) => name));
  return new Set(schemas.filter((schema) => found.has(removalSchema(schema))));
}

function stateOf(rows: Row[], migrations: Migration[]): SchemaState {
  const applied = new Map(rows.filter((row) => row.applied).map(({ name, checksum }) => [name, checksum]));
  const pending = migrations.filter(({ name }) => !applied.has(name)).map(({ name }) => name);
  const edited = findEditedMigrations(applied, migrations);
  const failure = rows.find((row) => !row.applied && pending.includes(row.name))?.logs ?? null;
  return {
    version: [...applied.keys()].sort().at(-1) ?? null,
    pending,
    trouble: edited ? `the migration ${edited} was edited after it was applied` : failure,
  };
}

/** The first migration that is not any more what was applied; `applied` are the checksums by name. */
export const findEditedMigrations = (
  applied: ReadonlyMap<string, string>,
  migrations: Migration[],
): string | undefined =>
  migrations.find(({ name, checksum }) => applied.has(name) && applied.get(name) !== checksum)?.name;

/** Of PostgreSQL: no such table, schema or type; of Prisma: no such table. */
const missing = ['42P01', '3F000', '42704', 'P2021'];

/** Whether a statement failed because what it names is not there. */
export const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && missing.includes(String(error.code));

/** Further lines of an error may quote values. */
export const firstLine = (error: unknown) =>
  (error instanceof Error ? error.message : String(error)).split('\n', 1)[0]!;
