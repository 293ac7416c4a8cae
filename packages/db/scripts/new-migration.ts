// Writes the migration that makes prisma/<kind>/schema.prisma come true, from what the migrations so far lead to:
//   node packages/db/scripts/new-migration.ts tenant add_attachments
// Read what it wrote and commit it with the schema. The same SQL runs in every tenant's schema, so it names none.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Pool } from 'pg';
import { startEmbedded } from '../src/embedded.ts';
import { loadMigrations, migrateSchema } from '../src/migrate.ts';
import { schemaDiff } from '../src/schema-diff.ts';

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
  const sql = await schemaDiff(postgres.url, kind);
  if (!sql.includes(';')) throw new Error(`The migrations of ${kind} already lead to its schema.`);
  const stamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
  const migration = new URL(`../../../prisma/${kind}/migrations/${stamp}_${name}/`, import.meta.url);
  await mkdir(migration, { recursive: true });
  await writeFile(new URL('migration.sql', migration), sql);
  console.log(fileURLToPath(migration));
} finally {
  await postgres.stop();
  await rm(folder, { recursive: true });
}
