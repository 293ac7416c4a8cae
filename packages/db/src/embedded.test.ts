import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startEmbedded } from './embedded.ts';

const folder = await mkdtemp(join(tmpdir(), 'it0-embedded-'));
const data = join(folder, 'postgres');
const pidFile = join(data, 'postmaster.pid');

beforeAll(async () => {
  const { url, stop } = await startEmbedded(data);
  await query(url, 'CREATE TABLE starts (n INT)');
  await stop();
  // Creating a data folder is slow on a busy machine.
});
afterAll(() => rm(folder, { recursive: true }));

async function query(url: string, sql: string) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

/** A server here and now finds what was written before it. */
async function startsAndFinds(n: number) {
  const { url, stop } = await startEmbedded(data);
  expect(await query(url, `SELECT n FROM starts WHERE n = ${n}`)).toEqual([{ n }]);
  await stop();
}

/** Another process that owns the server, until it is killed. */
async function owner() {
  const process = fork(join(import.meta.dirname, 'embedded.fixture.ts'), [data]);
  const [url] = await once(process, 'message');
  const kill = async () => {
    process.kill('SIGKILL');
    await once(process, 'exit');
  };
  return { url, kill };
}

test('what was written is there after a stop and a new start', async () => {
  const { url, stop } = await startEmbedded(data);
  await query(url, 'INSERT INTO starts VALUES (1)');
  await stop();
  expect(existsSync(pidFile)).toBe(false);
  await startsAndFinds(1);
});

test('nobody comes in without the password', async () => {
  const { url, stop } = await startEmbedded(data);
  const guess = new URL(url);
  guess.password = 'postgres';
  await expect(query(guess.href, 'SELECT 1')).rejects.toThrow('password authentication failed');
  await stop();
});

test('a server is not taken from an owner that lives', async () => {
  const { url, kill } = await owner();
  await expect(startEmbedded(data)).rejects.toThrow('Another server is running');
  expect(await query(url, 'SELECT 1 AS n')).toEqual([{ n: 1 }]);
  await kill();
});

test('when its owner is killed the server goes too, and the next one has every row', async () => {
  const { url, kill } = await owner();
  await query(url, 'INSERT INTO starts VALUES (2)');
  await kill();
  await startsAndFinds(2);
});

test('a server that was killed is back at the same address, with what it had acknowledged', async () => {
  const { url, stop } = await startEmbedded(data);
  await query(url, 'INSERT INTO starts VALUES (3)');
  process.kill(Number.parseInt(await readFile(pidFile, 'utf8'), 10), 'SIGKILL');
  const found = () => query(url, 'SELECT n FROM starts WHERE n = 3').catch(() => 'not yet');
  await expect.poll(found).toEqual([{ n: 3 }]);
  await stop();
});

test('a stale pid file does not matter, though another process has the number now', async () => {
  await writeFile(pidFile, `${process.pid}\n${data}\n0\n5432\n\n127.0.0.1\n\nready\n`);
  await startsAndFinds(1);
});

test('the server’s role cannot read files, run programs or create roles, and owns what it creates', async () => {
  const { url, adminUrl, stop } = await startEmbedded(data);
  expect(
    await query(
      url,
      'SELECT rolsuper, rolcreaterole, rolcreatedb, rolbypassrls FROM pg_roles WHERE rolname = current_user',
    ),
  ).toEqual([{ rolsuper: false, rolcreaterole: false, rolcreatedb: false, rolbypassrls: false }]);
  for (const forbidden of [
    "SELECT pg_read_file('/etc/passwd')",
    "COPY starts FROM PROGRAM 'echo 1'",
    "COPY starts TO '/tmp/starts'",
    'CREATE ROLE other SUPERUSER',
    'SET ROLE postgres',
    'ALTER SYSTEM SET fsync = off',
    'CREATE EXTENSION dblink',
  ]) {
    await expect(query(url, forbidden)).rejects.toThrow(/permission denied|must be superuser|not available/);
  }
  await query(
    url,
    'CREATE SCHEMA tenant_one; CREATE TABLE tenant_one.t (id int); LISTEN something; NOTIFY something; DROP SCHEMA tenant_one CASCADE',
  );
  expect(await query(adminUrl, 'SELECT rolsuper FROM pg_roles WHERE rolname = current_user')).toEqual([
    { rolsuper: true },
  ]);
  await stop();
});

test('the role owns the superuser’s earlier schemas after the next start', async () => {
  const { adminUrl, stop } = await startEmbedded(data);
  await query(
    adminUrl,
    `
    CREATE SCHEMA "tenant_old";
    CREATE TYPE "tenant_old"."State" AS ENUM ('ON', 'OFF');
    CREATE TABLE "tenant_old"."Thing" (id serial PRIMARY KEY, other int GENERATED ALWAYS AS IDENTITY, state "tenant_old"."State");
    CREATE SEQUENCE "tenant_old".free;
    CREATE VIEW "tenant_old".seen AS SELECT id FROM "tenant_old"."Thing";
    CREATE FUNCTION "tenant_old".answer(a int, b text) RETURNS int LANGUAGE sql AS 'SELECT 42';
    CREATE TABLE public."Old" (id int);
    ALTER SCHEMA public OWNER TO pg_database_owner; ALTER TABLE public."Old" OWNER TO postgres`,
  );
  await stop();
  const again = await startEmbedded(data);
  await query(
    again.url,
    `
    INSERT INTO "tenant_old"."Thing" (state) VALUES ('ON'); SELECT nextval('"tenant_old".free');
    ALTER TABLE "tenant_old"."Thing" ADD COLUMN more text; ALTER TYPE "tenant_old"."State" ADD VALUE 'AWAY';
    DROP FUNCTION "tenant_old".answer; ALTER TABLE public."Old" ADD COLUMN more text; DROP TABLE public."Old";
    ALTER SCHEMA "tenant_old" RENAME TO "tenant_aside"; DROP SCHEMA "tenant_aside" CASCADE`,
  );
  await again.stop();
});

test('only their owner can access the folder and the passwords', async () => {
  const modes = await Promise.all(
    [data, `${data}.password`, `${data}.role-password`].map(async (path) =>
      ((await stat(path)).mode & 0o777).toString(8),
    ),
  );
  expect(modes).toEqual(['700', '600', '600']);
});
