import { databaseUrl, testDatabase } from '@it0/tests/support/database';
import { expect, test } from 'vitest';
import { readCatalog } from './catalog.fixture.ts';
import { createDatabase } from './database.ts';
import { migrateSchema } from './migrate.ts';
import { loadMigrations } from './migrations.ts';
import { diffSchema } from './schema-diff.ts';
import { toTenantSchema } from './sql.ts';

const next = { name: '20990101000000_next', sql: 'ALTER TABLE "AgentInstance" ADD "note" TEXT', checksum: 'next' };

test.for(['platform', 'tenant'] as const)('the %s migrations produce the Prisma schema', async (kind) => {
  await using db = await testDatabase();
  await db.pool.query('CREATE DATABASE diff');
  const url = databaseUrl(db.url, 'diff');
  {
    await using other = createDatabase({ url });
    await migrateSchema(other.pool, 'public', await loadMigrations(kind));
  }
  expect(await diffSchema(url, kind)).toContain('This is an empty migration');
  await db.pool.query('DROP DATABASE diff');
});

const id = '01990000-0000-7000-8000-0000000000f1';

/** Rows in the form of the first migration. */
const firstRows = `
  INSERT INTO "AgentInstance" ("id", "ownerId", "name", "engineType", "driver", "bridgeUrl", "bridgeSecret", "updatedAt")
    VALUES ('${id}', '${id}', 'Web', 'openclaw', 'remote', 'poll:', '', now());
  INSERT INTO "AgentSession" ("id", "ownerId", "agentInstanceId", "engineType", "title", "seq")
    VALUES ('${id}', '${id}', '${id}', 'openclaw', 'How is web-1?', 2);
  INSERT INTO "AgentTask" ("id", "sessionId", "ownerId", "requestId", "message") VALUES ('${id}', '${id}', '${id}', '${id}', 'How is web-1?');
  INSERT INTO "ConversationMessage" ("id", "sessionId", "taskId", "role", "parts", "seq") VALUES ('${id}', '${id}', '${id}', 'USER', '[]', 1);
  INSERT INTO "ChatEvent" ("sessionId", "seq", "taskId", "payload") VALUES ('${id}', 1, '${id}', '{}');
  INSERT INTO "Approval" ("id", "taskId", "request", "expiresAt") VALUES ('${id}', '${id}', '{}', now())`;

test('migrateSchema makes the oldest schema equal to a new one and keeps its rows', async () => {
  await using db = await testDatabase();
  const [init, ...later] = await loadMigrations('tenant');
  await migrateSchema(db.pool, 'tenant_old', [init!]);
  await db.pool.query(`SET search_path = tenant_old; ${firstRows}; RESET search_path`);
  expect(await migrateSchema(db.pool, 'tenant_old', [init!, ...later])).toEqual(later.map(({ name }) => name));
  const old = await readCatalog(db.pool, 'tenant_old');
  expect(old).toEqual(await readCatalog(db.pool, toTenantSchema(db.tenantId)));
  expect(new Set(old.map((line) => line.split(' ', 1)[0]))).toEqual(
    new Set(['relation', 'column', 'index', 'constraint', 'sequence', 'type']),
  );
  for (const table of ['AgentInstance', 'AgentSession', 'AgentTask', 'ConversationMessage', 'ChatEvent', 'Approval']) {
    expect((await db.pool.query(`SELECT FROM tenant_old."${table}"`)).rowCount).toBe(1);
  }
  for (const table of ['ConversationMessage', 'AgentInstance']) {
    const { rows } = await db.pool.query(`SELECT "requestId" FROM tenant_old."${table}"`);
    expect([table, rows]).toEqual([table, [{ requestId: id }]]);
  }
  const { rows } = await db.pool.query('SELECT "driver", "transport", "bridgeUrl" FROM tenant_old."AgentInstance"');
  expect(rows).toEqual([{ driver: 'remote', transport: 'poll', bridgeUrl: null }]);
});

test.for([
  'ALTER TABLE "AgentTask" ADD "more" TEXT',
  'ALTER TABLE "AgentTask" ALTER "message" TYPE VARCHAR(9)',
  'ALTER TABLE "AgentTask" ALTER "message" DROP NOT NULL',
  `ALTER TABLE "AgentTask" ALTER "text" SET DEFAULT 'x'`,
  'ALTER TABLE "AgentTask" ADD CHECK ("lastN" >= 0)',
  'ALTER TABLE "ChatEvent" DROP CONSTRAINT "ChatEvent_taskId_fkey"',
  'DROP INDEX "Approval_taskId_idx"',
  'CREATE INDEX ON "AgentTask" ("deadline")',
  `ALTER TYPE "TaskStatus" ADD VALUE 'LOST' BEFORE 'FAILED'`,
  'CREATE SEQUENCE "numbers"',
  'CREATE VIEW "tasks" AS SELECT "id" FROM "AgentTask"',
  'CREATE FUNCTION one() RETURNS INT LANGUAGE sql AS $$ SELECT 1 $$',
  'CREATE TRIGGER t BEFORE UPDATE ON "AgentTask" FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()',
])('readCatalog detects the difference after %s', async (sql) => {
  await using db = await testDatabase();
  const schema = toTenantSchema(db.tenantId);
  const before = await readCatalog(db.pool, schema);
  await db.pool.query(`SET search_path = ${schema}; ${sql}; RESET search_path`);
  expect(await readCatalog(db.pool, schema)).not.toEqual(before);
});

test('migrateSchema applies a migration once when several servers migrate at the same time', async () => {
  await using db = await testDatabase();
  const migrations = [...(await loadMigrations('tenant')), next];
  const applied = await Promise.all(
    [1, 2, 3, 4].map(() => migrateSchema(db.pool, toTenantSchema(db.tenantId), migrations)),
  );
  expect(applied.flat()).toEqual([next.name]);
});

test('migrateSchema rolls back a migration that fails', async () => {
  await using db = await testDatabase();
  const half = { name: '1', sql: 'CREATE TABLE half (); SELECT * FROM nothing', checksum: '1' };
  await expect(migrateSchema(db.pool, 'tenant_half', [half])).rejects.toThrow('"nothing" does not exist');
  const { rows } = await db.pool.query(`SELECT 1 FROM pg_namespace WHERE nspname = 'tenant_half'`);
  expect(rows).toEqual([]);
});

test('migrateSchema throws when an applied migration was edited', async () => {
  await using db = await testDatabase();
  const [init] = await loadMigrations('tenant');
  const edited = migrateSchema(db.pool, toTenantSchema(db.tenantId), [{ ...init!, checksum: 'other' }]);
  await expect(edited).rejects.toThrow('was edited');
});

test('migrate continues with other tenants when one fails', async () => {
  await using db = await testDatabase();
  const broken = await db.createTenant({ name: 'Broken' });
  const empty = await db.createTenant({ name: 'Empty' });
  await db.pool.query(`UPDATE ${toTenantSchema(broken)}."_prisma_migrations" SET checksum = 'other'`);
  await db.pool.query(`DROP SCHEMA ${toTenantSchema(empty)} CASCADE`);
  const { failed } = await db.migrate();
  expect(failed.map(({ tenantId }) => tenantId)).toEqual([broken]);
  expect(await db.tenant(empty).agentInstance.count()).toBe(0);
});

test('createTenant does nothing when the tenant exists', async () => {
  await using db = await testDatabase();
  await db.createTenant({ id: db.tenantId, name: 'Renamed' });
  expect(await db.platform.organization.findMany({ select: { name: true } })).toEqual([{ name: 'Acme' }]);
});
