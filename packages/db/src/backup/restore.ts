import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Pool, PoolClient } from 'pg';
import { escapeIdentifier } from 'pg';
import { migrateSchema } from '../migrate.ts';
import { loadMigrations, type Migration } from '../migrations.ts';
import { readLines, splitRowLine } from '../row-lines.ts';
import { quoteTenantSchema } from '../sql.ts';
import { listTables } from '../tenant-sources.ts';
import { transaction } from '../transaction.ts';
import {
  type DatabaseContent,
  listColumns,
  MIGRATIONS_TABLE,
  qualify,
  type SchemaContent,
  toSchemaName,
} from './backup.ts';

/** Size of the rows of one statement, in UTF-16 units. */
const BATCH_LENGTH = 1_000_000;

type Options = {
  /** Receives the number of schemas that are restored. */
  onProgress?: (done: number, total: number) => void;
};

/**
 * Restores a database from the files of `backUpDatabase` in `dir`, with the tables of the version that it is from;
 * a start migrates them. Throws, and can be repeated, when the database has tables, when the backup is from a newer version, and when its
 * files are incomplete. The platform's schema is written last, so that a server does not start with a part.
 */
export async function restoreDatabase(
  pool: Pool,
  content: Pick<DatabaseContent, 'schemas'>,
  dir: string,
  { onProgress = () => {} }: Options = {},
) {
  const known = { platform: await loadMigrations('platform'), tenant: await loadMigrations('tenant') };
  const plan = content.schemas
    .map((schema) => ({
      schema,
      migrations: selectMigrations(schema, schema.tenantId === null ? known.platform : known.tenant),
    }))
    .sort((a, b) => Number(a.schema.tenantId === null) - Number(b.schema.tenantId === null));
  await requireEmpty(pool, content);
  try {
    for (const [index, { schema, migrations }] of plan.entries()) {
      onProgress(index, plan.length);
      const name = toSchemaName(schema.tenantId);
      await migrateSchema(pool, name, migrations);
      await transaction(pool, (client) => loadSchema(client, name, schema, join(dir, schema.file)));
    }
  } catch (error) {
    // They were empty before. Without them, the restore can be repeated.
    for (const { tenantId } of content.schemas)
      if (tenantId) await pool.query(`DROP SCHEMA IF EXISTS ${quoteTenantSchema(tenantId)} CASCADE`);
    throw error;
  }
  onProgress(plan.length, plan.length);
}

/** Returns the migrations that a schema had. */
function selectMigrations({ file, migrations }: SchemaContent, known: Migration[]): Migration[] {
  const selected = known.filter(({ name }) => Object.hasOwn(migrations, name));
  if (selected.length < Object.keys(migrations).length)
    throw new Error('The backup is from a newer version. Restore it with that version.');
  const edited = selected.find(({ name, checksum }) => migrations[name] !== checksum);
  if (edited) throw new Error(`${file}: the migration ${edited.name} differs from the one in the backup.`);
  return selected;
}

/** Throws when the database has tables where a backup would be restored. */
export async function requireEmpty(pool: Pool, { schemas }: Pick<DatabaseContent, 'schemas'>) {
  for (const { tenantId } of schemas)
    if ((await listTables(pool, toSchemaName(tenantId))).length > 0)
      throw new Error('The database is not empty. Restore into a new data folder, or into a new database.');
}

async function loadSchema(client: PoolClient, schema: string, { rows }: SchemaContent, file: string) {
  const tables = (await listTables(client, schema)).filter((name) => name !== MIGRATIONS_TABLE);
  const counts = Object.fromEntries(tables.map((table) => [table, 0]));
  const statements = new Map<string, string>();
  for (const table of tables) statements.set(table, await toInsert(client, schema, table));
  // Migrations can have added rows.
  await client.query(`TRUNCATE ${tables.map((table) => qualify(schema, table)).join(', ')}`);
  const addConstraints = await dropForeignKeys(client, schema);
  await readLines(file, async (lines) => {
    for await (const { table, batch } of toBatches(lines)) {
      const statement = statements.get(table);
      if (!statement) throw new Error(`${file}: the table ${table} is unknown.`);
      const { rowCount } = await client.query(statement, [`[${batch.join(',')}]`]);
      counts[table]! += rowCount!;
    }
  });
  if (!isDeepStrictEqual(counts, rows)) throw new Error(`${file} is incomplete.`);
  for (const statement of addConstraints) await client.query(statement);
  for (const table of tables) await advanceSequences(client, schema, table);
}

async function toInsert(client: PoolClient, schema: string, table: string) {
  const columns = (await listColumns(client, schema, table)).join(', ');
  const name = qualify(schema, table);
  return `INSERT INTO ${name} (${columns}) SELECT ${columns} FROM json_populate_recordset(NULL::${name}, $1::json)`;
}

/** Groups the rows of a table, as far as they follow each other. */
async function* toBatches(lines: AsyncIterable<string>): AsyncGenerator<{ table: string; batch: string[] }> {
  let current = { table: '', batch: [] as string[] };
  let length = 0;
  for await (const line of lines) {
    const { table, row } = splitRowLine(line);
    if (current.batch.length > 0 && (table !== current.table || length > BATCH_LENGTH)) {
      yield current;
      current = { table, batch: [] };
      length = 0;
    }
    current.table = table;
    current.batch.push(row);
    length += row.length;
  }
  if (current.batch.length > 0) yield current;
}

/** Drops the foreign keys of a schema, since tables are loaded by name. Returns the statements that add them again. */
async function dropForeignKeys(client: PoolClient, schema: string): Promise<string[]> {
  const { rows } = await client.query<{ table: string; name: string; definition: string }>(
    `SELECT c.relname AS "table", k.conname AS "name", pg_get_constraintdef(k.oid) AS "definition"
     FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
     WHERE k.connamespace = to_regnamespace($1) AND k.contype = 'f'`,
    [schema],
  );
  for (const { table, name } of rows)
    await client.query(`ALTER TABLE ${qualify(schema, table)} DROP CONSTRAINT ${escapeIdentifier(name)}`);
  return rows.map(
    ({ table, name, definition }) =>
      `ALTER TABLE ${qualify(schema, table)} ADD CONSTRAINT ${escapeIdentifier(name)} ${definition}`,
  );
}

/** Sets the sequences of a table's columns to the largest number in use. */
async function advanceSequences(client: PoolClient, schema: string, table: string) {
  const name = qualify(schema, table);
  const { rows } = await client.query<{ column: string; sequence: string }>(
    `SELECT a.attname AS "column", pg_get_serial_sequence($1, a.attname) AS "sequence" FROM pg_attribute a
     WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped
       AND pg_get_serial_sequence($1, a.attname) IS NOT NULL`,
    [name],
  );
  for (const { column, sequence } of rows)
    await client.query(
      `SELECT setval($1, max(${escapeIdentifier(column)})) FROM ${name} HAVING max(${escapeIdentifier(column)}) IS NOT NULL`,
      [sequence],
    );
}
