import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { testDatabase } from '@it0/tests/support/database';
import { afterAll, expect, test } from 'vitest';
import { lockSchema } from './migrate.ts';
import { toRemovalSchema } from './removal-schema.ts';
import { toTenantSchema } from './sql.ts';
import { exportTenant } from './tenant-export.ts';
import { removeTenant } from './tenant-removal.ts';

const folder = mkdtempSync(join(tmpdir(), 'it0-exports-'));
afterAll(() => rmSync(folder, { recursive: true }));

const id = '01990000-0000-7000-8000-0000000000f1';
const readLines = (file: string) =>
  gunzipSync(readFileSync(file))
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

/** Creates a tenant with an instance, a member, an invitation, an API key, an open task and a job. */
async function createPopulatedTenant() {
  const db = await testDatabase();
  const { tenantId, pool } = db;
  const { platform } = db;
  await platform.user.create({ data: { id, name: 'Ada', email: 'ada@example.com' } });
  await platform.member.create({ data: { organizationId: tenantId, userId: id, role: 'owner' } });
  await platform.invitation.create({
    data: { id, organizationId: tenantId, email: 'b@example.com', inviterId: id, expiresAt: new Date() },
  });
  await platform.apiKey.create({ data: { tenantId, referenceId: id, key: 'hash of a key' } });
  await platform.dispatch.create({ data: { tenantId, sessionId: id, taskId: id } });
  await platform.job.create({ data: { tenantId, kind: 'export', key: id } });
  await db.tenant(tenantId).agentInstance.create({
    data: {
      ...{ id, requestId: id, ownerId: id, name: 'Web\ncluster “ö”', engineType: 'openclaw', driver: 'local' as const },
      bridgeSecret: new Uint8Array([1, 2, 255]),
    },
  });
  const schemas = async () => {
    const names = [toTenantSchema(tenantId), toRemovalSchema(toTenantSchema(tenantId))];
    const { rows } = await pool.query('SELECT nspname FROM pg_namespace WHERE nspname = ANY($1)', [names]);
    return rows.map(({ nspname }) => names.indexOf(nspname));
  };
  return { ...db, schemas };
}

test('exportTenant writes every row of a tenant but no credentials', async () => {
  await using db = await createPopulatedTenant();
  const { rows } = await db.pool.query(
    `INSERT INTO ${toTenantSchema(db.tenantId)}."AgentSession" ("id", "ownerId", "engineType", "title", "seq")
     SELECT gen_random_uuid(), $1, 'openclaw', repeat('long ', 1000) || n, 9007199254740993 FROM generate_series(1, 230) n
     RETURNING "title"`,
    [id],
  );
  const exported = await exportTenant(db.pool, db.tenantId, folder);
  const [head, ...lines] = readLines(exported.file);
  expect(head).toMatchObject({ tenantId: db.tenantId, rows: exported.rows });
  expect(exported.rows).toMatchObject({ 'platform.Member': 1, 'tenant.AgentInstance': 1, 'tenant.AgentSession': 230 });
  expect(lines.length).toBe(Object.values(exported.rows).reduce((sum, count) => sum + count));
  const filterRows = (table: string) => lines.filter((line) => line.table === table).map(({ row }) => row);
  expect(filterRows('platform.Member')).toMatchObject([{ name: 'Ada', email: 'ada@example.com', role: 'owner' }]);
  expect(filterRows('tenant.AgentInstance')).toMatchObject([{ name: 'Web\ncluster “ö”', bridgeSecret: '\\x0102ff' }]);
  expect(filterRows('tenant.AgentSession').map(({ title }) => title)).toEqual(rows.map(({ title }) => title));
  expect(filterRows('platform.Invitation')).toMatchObject([{ email: 'b@example.com' }]);
  expect(JSON.stringify(filterRows('platform.Invitation')[0])).not.toContain(`"id"`);
  expect(gunzipSync(readFileSync(exported.file)).toString()).toContain('"seq":9007199254740993');
  expect(await db.tenant(db.tenantId).agentInstance.count()).toBe(1);
});

test('removeTenant removes everything of a tenant but its export and the accounts of its members', async () => {
  await using db = await createPopulatedTenant();
  const other = await db.createTenant({ name: 'Other' });
  const { file } = await removeTenant(db.pool, db.tenantId, folder);
  expect(readLines(file).length).toBeGreaterThan(5);
  expect(await db.schemas()).toEqual([]);
  const { organization, member, invitation, apiKey, dispatch, job, user } = db.platform;
  expect(await organization.findMany({ select: { id: true } })).toEqual([{ id: other }]);
  for (const count of [member.count(), invitation.count(), apiKey.count(), dispatch.count(), job.count()])
    expect(await count).toBe(0);
  expect(await user.count()).toBe(1);
  expect(await db.migrate()).toEqual({ failed: [] });
});

test('removeTenant waits for a writing transaction and exports its rows', async () => {
  await using db = await createPopulatedTenant();
  const writer = await db.pool.connect();
  await writer.query('BEGIN');
  await writer.query(`UPDATE ${toTenantSchema(db.tenantId)}."AgentInstance" SET "name" = 'written at last'`);
  const removing = removeTenant(db.pool, db.tenantId, folder);
  const waiting = `SELECT FROM pg_locks WHERE NOT granted AND mode = 'ShareLock' AND locktype = 'relation'`;
  await expect.poll(async () => (await db.pool.query(waiting)).rowCount).toBe(1);
  await expect(db.tenant(db.tenantId).agentInstance.count()).rejects.toMatchObject({ code: 'P2021' });
  await writer.query('COMMIT');
  writer.release();
  const { file } = await removing;
  expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
  expect(readLines(file)).toContainEqual(
    expect.objectContaining({ row: expect.objectContaining({ name: 'written at last' }) }),
  );
});

test('removeTenant leaves the tenant unchanged when the export fails', async () => {
  await using db = await createPopulatedTenant();
  await expect(removeTenant(db.pool, db.tenantId, '/dev/null/exports')).rejects.toThrow('ENOTDIR');
  expect(await db.schemas()).toEqual([0]);
  expect(await db.tenant(db.tenantId).agentInstance.count()).toBe(1);
  expect(await db.platform.member.count()).toBe(1);
});

test('migrate refuses a tenant whose removal was interrupted, and removeTenant finishes the removal', async () => {
  await using db = await createPopulatedTenant();
  const schema = toTenantSchema(db.tenantId);
  await db.pool.query(`ALTER SCHEMA ${schema} RENAME TO ${toRemovalSchema(schema)}`);
  const { failed } = await db.migrate();
  expect(failed).toMatchObject([{ tenantId: db.tenantId, error: { message: expect.stringContaining('removal') } }]);
  expect((await db.tenants())[0]).toMatchObject({ problem: expect.stringContaining('removal') });
  expect(await db.schemas()).toEqual([1]);
  const { rows } = await removeTenant(db.pool, db.tenantId, folder);
  expect(rows['tenant.AgentInstance']).toBe(1);
  expect(await db.schemas()).toEqual([]);
});

test('removeTenant waits for a server that is migrating the tenant', async () => {
  await using db = await createPopulatedTenant();
  const server = await db.pool.connect();
  await server.query('BEGIN');
  await lockSchema(server, toTenantSchema(db.tenantId));
  const removing = removeTenant(db.pool, db.tenantId, folder);
  const waiting = `SELECT FROM pg_locks WHERE NOT granted AND locktype = 'advisory'`;
  await expect.poll(async () => (await db.pool.query(waiting)).rowCount).toBe(1);
  expect(await db.schemas()).toEqual([0]);
  await server.query('COMMIT');
  server.release();
  await removing;
  expect(await db.schemas()).toEqual([]);
});
