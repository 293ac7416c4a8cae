import { randomUUID } from 'node:crypto';
import { escapeIdentifier, type Pool, type PoolClient } from 'pg';
import type { Migration } from './migrations.ts';
import { REMOVAL_UNFINISHED, toRemovalSchema } from './removal-schema.ts';
import { findEditedMigrations, readSchemaStates, type SchemaState, toFirstLine } from './schema-state.ts';
import { transaction } from './transaction.ts';

/** Definition of Prisma's own table, so that its CLI can check the schemas. */
const CREATE_MIGRATIONS_TABLE = `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
  "id" VARCHAR(36) PRIMARY KEY NOT NULL, "checksum" VARCHAR(64) NOT NULL, "finished_at" TIMESTAMPTZ,
  "migration_name" VARCHAR(255) NOT NULL, "logs" TEXT, "rolled_back_at" TIMESTAMPTZ,
  "started_at" TIMESTAMPTZ NOT NULL DEFAULT now(), "applied_steps_count" INTEGER NOT NULL DEFAULT 0)`;

/**
 * Migrates a schema in one transaction, creating it when missing. Servers that start at the same time wait for each
 * other. Returns the names of the applied migrations. Throws when a migration fails or was edited after it was applied.
 */
export async function migrateSchema(pool: Pool, schema: string, migrations: Migration[]): Promise<string[]> {
  let current: Migration | undefined;
  const migrate = async (client: PoolClient) => {
    await lockSchema(client, schema);
    const removal = await client.query('SELECT FROM pg_namespace WHERE nspname = $1', [toRemovalSchema(schema)]);
    if (removal.rowCount) throw new Error(REMOVAL_UNFINISHED);
    await client.query(`CREATE SCHEMA IF NOT EXISTS ${escapeIdentifier(schema)}`);
    await client.query(`SET LOCAL search_path = ${escapeIdentifier(schema)}`);
    await client.query(CREATE_MIGRATIONS_TABLE);
    const { rows } = await client.query<{ name: string; checksum: string }>(
      'SELECT migration_name AS name, checksum FROM "_prisma_migrations" WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL',
    );
    const applied = new Map(rows.map((row) => [row.name, row.checksum]));
    const edited = findEditedMigrations(applied, migrations);
    if (edited) throw new Error(`${schema}: the migration ${edited} was edited after it was applied`);
    const pending = migrations.filter(({ name }) => !applied.has(name));
    for (current of pending) {
      await client.query(current.sql);
      await client.query(
        `INSERT INTO "_prisma_migrations" (id, checksum, finished_at, migration_name, started_at, applied_steps_count)
         VALUES ($1, $2, clock_timestamp(), $3, now(), 1)`,
        [randomUUID(), current.checksum, current.name],
      );
    }
    return pending.map(({ name }) => name);
  };
  try {
    return await transaction(pool, migrate);
  } catch (error) {
    // Fails when the schema itself could not be created.
    if (current) await recordFailure(pool, schema, current, error).catch(() => {});
    throw error;
  }
}

/** Locks a schema, so that no other transaction creates, migrates or removes it until this one ends. */
export const lockSchema = (client: PoolClient, schema: string) =>
  client.query('SELECT pg_advisory_xact_lock(72707369, hashtext($1))', [schema]);

/** Records a failed migration in the form of Prisma's CLI, so that `readSchemaStates` can return the reason. */
async function recordFailure(pool: Pool, schema: string, { name, checksum }: Migration, error: unknown) {
  const table = `${escapeIdentifier(schema)}."_prisma_migrations"`;
  await pool.query(`DELETE FROM ${table} WHERE finished_at IS NULL AND rolled_back_at IS NOT NULL`);
  await pool.query(
    `INSERT INTO ${table} (id, checksum, migration_name, logs, rolled_back_at) VALUES ($1, $2, $3, $4, now())`,
    [randomUUID(), checksum, name, toFirstLine(error)],
  );
}

type Progress = (done: number, total: number) => void;

/**
 * Migrates the schemas that are not up to date, each in its own transaction, and calls `onProgress` for each of them. A
 * schema that fails does not stop the others. Returns the errors by schema.
 */
export async function migrateSchemas(pool: Pool, schemas: string[], migrations: Migration[], onProgress: Progress) {
  const states = await readSchemaStates(pool, schemas, migrations);
  const outdated = schemas.filter((schema) => !isUpToDate(states.get(schema)!));
  const errors = new Map<string, unknown>();
  for (const [index, schema] of outdated.entries()) {
    onProgress(index, outdated.length);
    await migrateSchema(pool, schema, migrations).catch((error: unknown) => errors.set(schema, error));
  }
  if (outdated.length > 0) onProgress(outdated.length, outdated.length);
  return errors;
}

const isUpToDate = ({ pending, problem }: SchemaState) => pending.length === 0 && problem === null;
