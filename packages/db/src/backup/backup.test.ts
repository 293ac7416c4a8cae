import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { emptyDatabase, type TestDatabase, testDatabase } from '@it0/tests/support/database';
import { escapeLiteral } from 'pg';
import { expect, test } from 'vitest';
import { readCatalog } from '../catalog.fixture.ts';
import { quoteTenantSchema, toTenantSchema } from '../sql.ts';
import { listTables } from '../tenant-sources.ts';
import { backUpDatabase, qualify } from './backup.ts';
import { restoreDatabase } from './restore.ts';

function temporaryFolder() {
  const path = mkdtempSync(join(tmpdir(), 'it0-backup-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}

/** Adds a person, a session with a task and its rows, and values that are easily changed on the way. */
async function addRows({ pool, tenantId }: TestDatabase, content = 'Line 1\nLine 2\t"quoted" \\ 中文 😀') {
  const id = randomUUID();
  const text = escapeLiteral(content);
  const payload = escapeLiteral(JSON.stringify({ content, number: 0.1 }));
  await pool.query(`
    INSERT INTO public."User" ("id", "name", "email", "updatedAt") VALUES ('${id}', ${text}, '${id}@example.com', now());
    SET LOCAL search_path = ${quoteTenantSchema(tenantId)};
    INSERT INTO "AgentInstance" ("id", "requestId", "ownerId", "name", "engineType", "driver", "transport", "bridgeSecret", "updatedAt")
      VALUES ('${id}', '${id}', '${id}', ${text}, 'openclaw', 'remote', 'poll', '\\x00ff7f0a', '2026-01-02T03:04:05.678+09:00');
    INSERT INTO "AgentSession" ("id", "ownerId", "agentInstanceId", "engineType", "title", "seq")
      VALUES ('${id}', '${id}', '${id}', 'openclaw', ${text}, 2);
    INSERT INTO "AgentTask" ("id", "sessionId", "ownerId", "requestId", "message")
      VALUES ('${id}', '${id}', '${id}', '${id}', ${text});
    INSERT INTO "ChatEvent" ("sessionId", "seq", "taskId", "payload") VALUES ('${id}', 1, '${id}', ${payload});
    INSERT INTO "Attachment" ("id", "ownerId", "name", "mediaType", "size", "sha256")
      VALUES ('${id}', '${id}', ${text}, 'text/plain', 1, 'abc')`);
  return id;
}

/** Reads all rows of all tables as text. */
async function readAll({ pool, tenantId }: TestDatabase) {
  const contents: Record<string, string[]> = {};
  for (const schema of ['public', toTenantSchema(tenantId)])
    for (const table of await listTables(pool, schema)) {
      const { rows } = await pool.query<{ row: string }>(`SELECT t::text AS "row" FROM ${qualify(schema, table)} t`);
      // The ids and times of migrations belong to the restored database.
      if (table !== '_prisma_migrations') contents[`${schema}.${table}`] = rows.map(({ row }) => row).sort();
    }
  return contents;
}

test('a restored database has the rows, tables and sequences of the backup', async () => {
  await using source = await testDatabase();
  await using target = await emptyDatabase();
  using folder = temporaryFolder();
  const id = await addRows(source);
  await addRows(source, 'x'.repeat(3_000_000));
  const content = await backUpDatabase(source.pool, folder.path);
  expect(content.attachments).toContainEqual({ tenantId: source.tenantId, id, sha256: 'abc' });
  await restoreDatabase(target.pool, content, folder.path);

  expect(await readAll(target)).toEqual(await readAll(source));
  for (const schema of ['public', toTenantSchema(source.tenantId)])
    expect(await readCatalog(target.pool, schema)).toEqual(await readCatalog(source.pool, schema));
  expect(await target.migrate()).toEqual({ failed: [] });
});

test('numbers of sequences continue after the largest restored one', async () => {
  await using source = await testDatabase();
  await using target = await emptyDatabase();
  using folder = temporaryFolder();
  const addJob = ({ pool }: TestDatabase) =>
    pool.query<{ id: string }>(`INSERT INTO public."Job" ("kind", "key") VALUES ('test', $1) RETURNING "id"`, [
      randomUUID(),
    ]);
  await addJob(source);
  const last = await addJob(source);
  await restoreDatabase(target.pool, await backUpDatabase(source.pool, folder.path), folder.path);
  const next = await addJob(target);
  expect(Number(next.rows[0]!.id)).toBe(Number(last.rows[0]!.id) + 1);
});

test('a backup is one snapshot, while rows are written', async () => {
  await using source = await testDatabase();
  await using target = await emptyDatabase();
  using folder = temporaryFolder();
  await addRows(source);
  const before = await readAll(source);
  let writing: Promise<unknown> | undefined;
  const content = await backUpDatabase(source.pool, folder.path, {
    // After the snapshot was taken, and before the first table is read.
    onProgress: () => {
      writing ??= addRows(source, 'written during the backup');
    },
  });
  await writing;
  await restoreDatabase(target.pool, content, folder.path);
  expect(await readAll(target)).toEqual(before);
});

test('restoreDatabase refuses a database with tables, and the backup of a newer version', async () => {
  await using source = await testDatabase();
  await using target = await emptyDatabase();
  using folder = temporaryFolder();
  const content = await backUpDatabase(source.pool, folder.path);
  await expect(restoreDatabase(source.pool, content, folder.path)).rejects.toThrow('not empty');
  const newer = content.schemas.map((schema) => ({ ...schema, migrations: { ...schema.migrations, '2099_x': 'y' } }));
  await expect(restoreDatabase(target.pool, { schemas: newer }, folder.path)).rejects.toThrow('newer version');
  expect(await listTables(target.pool, 'public')).toEqual([]);
});

test.each([
  ['without its end', (file: string) => writeFileSync(file, readFileSync(file).subarray(0, -20))],
  ['without a row', (file: string) => rewrite(file, (lines) => lines.slice(1))],
  ['with a row of an unknown table', (file: string) => rewrite(file, (lines) => ['{"table":"x","row":{}}', ...lines])],
  ['with a broken row', (file: string) => rewrite(file, ([first, ...lines]) => [first!.slice(0, -3), ...lines])],
])('restoreDatabase refuses a file %s, and leaves the database empty', async (_name, damage) => {
  await using source = await testDatabase();
  await using target = await emptyDatabase();
  using folder = temporaryFolder();
  await addRows(source);
  const content = await backUpDatabase(source.pool, folder.path);
  const schema = toTenantSchema(source.tenantId);
  damage(join(folder.path, `${schema}.jsonl.gz`));
  await expect(restoreDatabase(target.pool, content, folder.path)).rejects.toThrow();
  for (const name of ['public', schema]) expect(await listTables(target.pool, name)).toEqual([]);
});

const rewrite = (file: string, change: (lines: string[]) => string[]) => {
  const lines = gunzipSync(readFileSync(file)).toString().trimEnd().split('\n');
  writeFileSync(file, gzipSync(`${change(lines).join('\n')}\n`));
};

test('the files of a backup can be read by their owner only', async () => {
  await using source = await testDatabase();
  using folder = temporaryFolder();
  await backUpDatabase(source.pool, join(folder.path, 'new'));
  expect(readdirSync(join(folder.path, 'new')).sort()).toEqual(
    ['public.jsonl.gz', `${toTenantSchema(source.tenantId)}.jsonl.gz`].sort(),
  );
});
