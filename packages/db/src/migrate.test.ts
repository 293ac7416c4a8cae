import { tenantSchema } from '@it0/contracts/ids';
import { databaseUrl, testDatabase } from '@it0/tests/support/database';
import type { Pool } from 'pg';
import { expect, test } from 'vitest';
import { createDatabase } from './database.ts';
import { loadMigrations, migrateSchema } from './migrate.ts';
import { schemaDiff } from './schema-diff.ts';

const catalog = async (pool: Pool, schema: string) =>
  (
    await pool.query(
      `SELECT table_name, column_name, data_type, udt_name, is_nullable, column_default FROM information_schema.columns WHERE table_schema = $1
       UNION ALL SELECT tablename, indexname, replace(indexdef, $1 || '.', ''), '', '', '' FROM pg_indexes WHERE schemaname = $1
       UNION ALL SELECT conrelid::regclass::text, conname, replace(pg_get_constraintdef(oid), $1 || '.', ''), '', '', ''
         FROM pg_constraint WHERE connamespace = $1::regnamespace
       ORDER BY 1, 2, 3`,
      [schema],
    )
  ).rows.map((row) => JSON.stringify(row).replaceAll(schema, '<schema>'));

const next = { name: '20990101000000_next', sql: 'ALTER TABLE "AgentInstance" ADD "note" TEXT', checksum: 'next' };

test.for(['platform', 'tenant'] as const)('the migrations of %s lead to its schema', async (kind) => {
  await using db = await testDatabase();
  await db.pool.query('CREATE DATABASE diff');
  const url = databaseUrl(db.url, 'diff');
  const { pool, close } = createDatabase({ url });
  await migrateSchema(pool, 'public', await loadMigrations(kind));
  await close();
  expect(await schemaDiff(url, kind)).toContain('This is an empty migration');
  await db.pool.query('DROP DATABASE diff');
});

test('an old tenant and a new one end up with the same tables', async () => {
  await using db = await testDatabase();
  const migrations = [...(await loadMigrations('tenant')), next];
  const old = tenantSchema(db.tenantId);
  await migrateSchema(db.pool, old, migrations);
  await migrateSchema(db.pool, 'tenant_new', migrations);
  const tables = await catalog(db.pool, 'tenant_new');
  expect(tables.length).toBeGreaterThan(50);
  expect(await catalog(db.pool, old)).toEqual(tables);
});

test('servers that migrate at the same moment apply everything once', async () => {
  await using db = await testDatabase();
  const migrations = [...(await loadMigrations('tenant')), next];
  const applied = await Promise.all(
    [1, 2, 3, 4].map(() => migrateSchema(db.pool, tenantSchema(db.tenantId), migrations)),
  );
  expect(applied.flat()).toEqual([next.name]);
});

test('a migration that fails leaves nothing of it behind', async () => {
  await using db = await testDatabase();
  const half = { name: '1', sql: 'CREATE TABLE half (); SELECT * FROM nothing', checksum: '1' };
  await expect(migrateSchema(db.pool, 'tenant_half', [half])).rejects.toThrow('"nothing" does not exist');
  const { rows } = await db.pool.query(`SELECT 1 FROM pg_namespace WHERE nspname = 'tenant_half'`);
  expect(rows).toEqual([]);
});

test('a migration edited after it was applied is refused', async () => {
  await using db = await testDatabase();
  const [init] = await loadMigrations('tenant');
  const edited = migrateSchema(db.pool, tenantSchema(db.tenantId), [{ ...init!, checksum: 'other' }]);
  await expect(edited).rejects.toThrow('was edited');
});

test('a tenant that cannot be migrated does not stop the others', async () => {
  await using db = await testDatabase();
  const broken = await db.createTenant({ name: 'Broken' });
  const behind = await db.createTenant({ name: 'Behind' });
  await db.pool.query(`UPDATE ${tenantSchema(broken)}."_prisma_migrations" SET checksum = 'other'`);
  await db.pool.query(`DROP SCHEMA ${tenantSchema(behind)} CASCADE`);
  const { failed } = await db.migrate();
  expect(failed.map(({ tenantId }) => tenantId)).toEqual([broken]);
  expect(await db.tenant(behind).agentInstance.count()).toBe(0);
});

test('creating a tenant again changes nothing', async () => {
  await using db = await testDatabase();
  await db.createTenant({ id: db.tenantId, name: 'Renamed' });
  expect(await db.platform.organization.findMany({ select: { name: true } })).toEqual([{ name: 'Acme' }]);
});
