// Writes the migration from the result of the existing migrations to prisma/<kind>/schema.prisma:
//   node packages/db/scripts/new-migration.ts tenant add_attachments
// Review the SQL and commit it with the schema. It runs in every tenant's schema, so it must not name one.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Pool } from 'pg';
import { startEmbedded } from '../src/embedded.ts';
import { migrateSchema } from '../src/migrate.ts';
import { loadMigrations } from '../src/migrations.ts';
import { diffSchema } from '../src/schema-diff.ts';

const [kind, name] = process.argv.slice(2);
if ((kind !== 'platform' && kind !== 'tenant') || !/^\w+$/.test(name ?? '')) {
  throw new Error('Usage: node packages/db/scripts/new-migration.ts platform|tenant <name>');
}

const folder = await mkdtemp(join(tmpdir(), 'it0-migration-'));
const postgres = await startEmbedded(join(folder, 'postgres'));
try {
  const pool = new Pool({ connectionString: postgres.url });
  await migrateSchema(pool, 'public', await loadMigrations(kind));
  await pool.end();
  const sql = await diffSchema(postgres.url, kind);
  if (!sql.includes(';'))
    throw new Error(`The migrations of ${kind} already produce its schema; there is nothing to do.`);
  const stamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
  const migration = new URL(`../../../prisma/${kind}/migrations/${stamp}_${name}/`, import.meta.url);
  await mkdir(migration, { recursive: true });
  await writeFile(new URL('migration.sql', migration), sql);
  console.log(fileURLToPath(migration));
} finally {
  await postgres.stop();
  await rm(folder, { recursive: true });
}
