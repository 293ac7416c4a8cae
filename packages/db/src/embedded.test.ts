import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { appendFile, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { findEmbedded, startEmbedded } from './embedded.ts';

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
async function owner(of = data) {
  const process = fork(join(import.meta.dirname, 'embedded.fixture.ts'), [of]);
  const [url] = await once(process, 'message');
  const kill = async () => {
    process.kill('SIGKILL');
    await once(process, 'exit');
  };
  return { url, kill, pause: () => process.kill('SIGSTOP') };
}

/** Moves the data to a path that is too long for a socket, until the test ends, and lists its temporary folders. */
async function moveToLongPath() {
  const longer = join(folder, 'x'.repeat(100), 'postgres');
  const move = async (from: string, to: string) => {
    for (const suffix of ['', '.password', '.role-password']) await rename(from + suffix, to + suffix);
  };
  const temporary = join(folder, 'tmp');
  for (const made of [dirname(longer), temporary]) await mkdir(made, { recursive: true });
  await move(data, longer);
  vi.stubEnv('TMPDIR', temporary);
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    await move(longer, data);
  });
  return { longer, listFolders: () => readdir(temporary) };
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

test('the server listens on no port, and only its owner can enter the folder of its socket', async () => {
  const { url, adminUrl, stop } = await startEmbedded(data);
  expect(await query(adminUrl, 'SHOW listen_addresses')).toEqual([{ listen_addresses: '' }]);
  expect(await query(url, 'SELECT inet_server_port() AS port')).toEqual([{ port: null }]);
  const socketFolder = new URL(url).searchParams.get('host')!;
  expect((await stat(socketFolder)).mode & 0o077).toBe(0);
  await stop();
});

test('a folder whose path is too long for a socket has it in another one, which only its owner can enter', async () => {
  const { longer, listFolders } = await moveToLongPath();
  const { url, stop } = await startEmbedded(longer);
  expect(await query(url, 'SELECT 1 AS n')).toEqual([{ n: 1 }]);
  expect(await findEmbedded(longer)).toBe(url);
  const socketFolder = new URL(url).searchParams.get('host')!;
  expect((await stat(socketFolder)).mode & 0o077).toBe(0);
  expect(await listFolders()).toEqual([basename(socketFolder)]);
  await stop();
  expect(await listFolders()).toEqual([]);
});

test.for(['postgresql.conf', '.password'] as const)(
  'a start that fails because of a wrong %s leaves no server and no temporary folder',
  async (name) => {
    const { longer, listFolders } = await moveToLongPath();
    const file = name === '.password' ? `${longer}.password` : join(longer, name);
    const right = await readFile(file);
    await appendFile(file, 'wrong = wrong');
    await expect(startEmbedded(longer)).rejects.toThrow();
    expect([await findEmbedded(longer), await listFolders()]).toEqual([null, []]);
    await writeFile(file, right);
  },
);

test('the temporary folder goes with the server when the owner is killed', async () => {
  const { longer, listFolders } = await moveToLongPath();
  const { kill } = await owner(longer);
  expect(await listFolders()).toHaveLength(1);
  await kill();
  await expect.poll(listFolders).toEqual([]);
});

test('the temporary folder of a server that was killed with its owner goes with the next one', async () => {
  const { longer, listFolders } = await moveToLongPath();
  const { kill, pause } = await owner(longer);
  pause();
  process.kill(Number.parseInt(await readFile(join(longer, 'postmaster.pid'), 'utf8'), 10), 'SIGKILL');
  await kill();
  const [left] = await listFolders();
  const { stop } = await startEmbedded(longer);
  expect(await listFolders()).not.toContain(left);
  await stop();
  expect([left, await listFolders()]).toEqual([expect.stringContaining('it0-postgres-'), []]);
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
  await writeFile(pidFile, `${process.pid}\n${data}\n0\n5432\n${data}\n\n\nready\n`);
  await writeFile(join(data, '.s.PGSQL.5432.lock'), `${process.pid}\n${data}\n0\n5432\n${data}\n`);
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
