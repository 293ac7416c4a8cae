import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { escapeIdentifier, type Pool } from 'pg';

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
  try {
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock(72707369, hashtext($1))', [schema]);
    await client.query(`CREATE SCHEMA IF NOT EXISTS ${client.escapeIdentifier(schema)}`);
    await client.query(`SET LOCAL search_path = ${client.escapeIdentifier(schema)}`);
    await client.query(migrationsTable);
    const { rows } = await client.query<{ name: string; checksum: string }>(
      'SELECT migration_name AS name, checksum FROM "_prisma_migrations" WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL',
    );
    const applied = new Map(rows.map((row) => [row.name, row.checksum]));
    const edited = migrations.find(({ name, checksum }) => applied.has(name) && applied.get(name) !== checksum);
    if (edited) throw new Error(`${schema}: the migration ${edited.name} was edited after it was applied`);
    const pending = migrations.filter(({ name }) => !applied.has(name));
    for (const { name, sql, checksum } of pending) {
      await client.query(sql);
      await client.query(
        `INSERT INTO "_prisma_migrations" (id, checksum, finished_at, migration_name, started_at, applied_steps_count)
         VALUES ($1, $2, clock_timestamp(), $3, now(), 1)`,
        [randomUUID(), checksum, name],
      );
    }
    await client.query('COMMIT');
    client.release();
    return pending.map(({ name }) => name);
  } catch (error) {
    client.release(true);
    throw error;
  }
}

/** The names of the migrations that a schema still lacks. */
export async function pendingMigrations(pool: Pool, schema: string, migrations: Migration[]): Promise<string[]> {
  const table = await pool.query<{ exists: boolean }>(
    `SELECT to_regclass(quote_ident($1) || '."_prisma_migrations"') IS NOT NULL AS "exists"`,
    [schema],
  );
  const { rows } = table.rows[0]?.exists
    ? await pool.query<{ name: string }>(
        `SELECT migration_name AS name FROM ${escapeIdentifier(schema)}."_prisma_migrations"
         WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL`,
      )
    : { rows: [] };
  const applied = new Set(rows.map(({ name }) => name));
  return migrations.map(({ name }) => name).filter((name) => !applied.has(name));
}
