import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { escapeIdentifier, type Pool, type PoolClient } from 'pg';
import { removalSchema, removalUnfinished } from './removal-schema.ts';
import { findEditedMigrations, firstLine, readSchemaStates, type SchemaState } from './schema-state.ts';

export type Migration = { name: string; sql: string; checksum: string };

/** The migrations of the platform or of a tenant, in order. */
export async function loadMigrations(kind: 'platform' | 'tenant'): Promise<Migration[]> {
  const folder = fileURLToPath(new URL(`../../../prisma/${kind}/migrations`, import.meta.url));
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(join(folder, name, 'migration.sql'), 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

/** Prisma's own table, so that its CLI can audit any schema made here. */
const migrationsTable = `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
  "id" VARCHAR(36) PRIMARY KEY NOT NULL, "checksum" VARCHAR(64) NOT NULL, "finished_at" TIMESTAMPTZ,
  "migration_name" VARCHAR(255) NOT NULL, "logs" TEXT, "rolled_back_at" TIMESTAMPTZ,
  "started_at" TIMESTAMPTZ NOT NULL DEFAULT now(), "applied_steps_count" INTEGER NOT NULL DEFAULT 0)`;

/**
 * Brings one schema up to date, making it if need be: all of it in one transaction, or nothing. Servers that start
 * together wait for each other. Returns the names of what was applied; throws if an applied migration was edited since.
 */
export async function migrateSchema(pool: Pool, schema: string, migrations: Migration[]): Promise<string[]> {
  const client = await pool.connect();
  let current: Migration | undefined;
  try {
    await client.query('BEGIN');
    await lockSchema(client, schema);
    const aside = await client.query('SELECT FROM pg_namespace WHERE nspname = $1', [removalSchema(schema)]);
    if (aside.rowCount) throw new Error(removalUnfinished);
    await client.query(`CREATE SCHEMA IF NOT EXISTS ${escapeIdentifier(schema)}`);
    await client.query(`SET LOCAL search_path = ${escapeIdentifier(schema)}`);
    await client.query(migrationsTable);
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
    await client.query('COMMIT');
    client.release();
    return pending.map(({ name }) => name);
  } catch (error) {
    client.release(true);
    // There is nothing to write it in where the schema itself could not be made.
    if (current) await keepFailure(pool, schema, current, error).catch(() => {});
    throw error;
  }
}

/** Until the transaction ends, nobody else makes, migrates or removes the schema. */
export const lockSchema = (client: PoolClient, schema: string) =>
  client.query('SELECT pg_advisory_xact_lock(72707369, hashtext($1))', [schema]);

/** For whoever asks later why a schema stays behind: as Prisma's CLI keeps a migration that was rolled back. */
async function keepFailure(pool: Pool, schema: string, { name, checksum }: Migration, error: unknown) {
  const table = `${escapeIdentifier(schema)}."_prisma_migrations"`;
  await pool.query(`DELETE FROM ${table} WHERE finished_at IS NULL AND rolled_back_at IS NOT NULL`);
  await pool.query(
    `INSERT INTO ${table} (id, checksum, migration_name, logs, rolled_back_at) VALUES ($1, $2, $3, $4, now())`,
    [randomUUID(), checksum, name, firstLine(error)],
  );
}

type Progress = (done: number, all: number) => void;

/**
 * Brings many schemas up to date, a transaction each, and opens none for those that are. `onProgress` is told of the
 * others. One that fails does not stop the rest.
 */
export async function migrateSchemas(pool: Pool, schemas: string[], migrations: Migration[], onProgress: Progress) {
  const states = await readSchemaStates(pool, schemas, migrations);
  const behind = schemas.filter((schema) => !isUpToDate(states.get(schema)!));
  const failed = new Map<string, unknown>();
  for (const [index, schema] of behind.entries()) {
    onProgress(index, behind.length);
    await migrateSchema(pool, schema, migrations).catch((error: unknown) => failed.set(schema, error));
  }
  if (behind.length > 0) onProgress(behind.length, behind.length);
  return failed;
}

const isUpToDate = ({ pending, trouble }: SchemaState) => pending.length === 0 && trouble === null;
