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

/** Starts a server and checks that it has a row that was written earlier. */
async function startAndFind(n: number) {
  const { url, stop } = await startEmbedded(data);
  expect(await query(url, `SELECT n FROM starts WHERE n = ${n}`)).toEqual([{ n }]);
  await stop();
}

/** Starts another process that owns the server. */
async function startOwner(folder = data) {
  const process = fork(join(import.meta.dirname, 'embedded.fixture.ts'), [folder]);
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
  for (const path of [dirname(longer), temporary]) await mkdir(path, { recursive: true });
  await move(data, longer);
  vi.stubEnv('TMPDIR', temporary);
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    await move(longer, data);
  });
  return { longer, listFolders: () => readdir(temporary) };
}

test('rows remain after a restart', async () => {
  const { url, stop } = await startEmbedded(data);
  await query(url, 'INSERT INTO starts VALUES (1)');
  await stop();
  expect(existsSync(pidFile)).toBe(false);
  await startAndFind(1);
});

test('a connection with a wrong password is refused', async () => {
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

test('the socket is in a private temporary folder when the path of the data folder is too long', async () => {
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

test('the temporary folder is removed when the owner is killed', async () => {
  const { longer, listFolders } = await moveToLongPath();
  const { kill } = await startOwner(longer);
  expect(await listFolders()).toHaveLength(1);
  await kill();
  await expect.poll(listFolders).toEqual([]);
});

test('the next start removes the temporary folder of a server that was killed with its owner', async () => {
  const { longer, listFolders } = await moveToLongPath();
  const { kill, pause } = await startOwner(longer);
  pause();
  process.kill(Number.parseInt(await readFile(join(longer, 'postmaster.pid'), 'utf8'), 10), 'SIGKILL');
  await kill();
  const [staleFolder] = await listFolders();
  const { stop } = await startEmbedded(longer);
  expect(await listFolders()).not.toContain(staleFolder);
  await stop();
  expect([staleFolder, await listFolders()]).toEqual([expect.stringContaining('it0-postgres-'), []]);
});

test('startEmbedded throws while another process owns the server', async () => {
  const { url, kill } = await startOwner();
  await expect(startEmbedded(data)).rejects.toThrow('Another server is running');
  expect(await query(url, 'SELECT 1 AS n')).toEqual([{ n: 1 }]);
  await kill();
});

test('the server stops when its owner is killed, and no row is lost', async () => {
  const { url, kill } = await startOwner();
  await query(url, 'INSERT INTO starts VALUES (2)');
  await kill();
  await startAndFind(2);
});

test('a killed server is restarted at the same address with all committed rows', async () => {
  const { url, stop } = await startEmbedded(data);
  await query(url, 'INSERT INTO starts VALUES (3)');
  process.kill(Number.parseInt(await readFile(pidFile, 'utf8'), 10), 'SIGKILL');
  const findRow = () => query(url, 'SELECT n FROM starts WHERE n = 3').catch(() => 'not yet');
  await expect.poll(findRow).toEqual([{ n: 3 }]);
  await stop();
});

test('startEmbedded ignores a stale pid file whose pid now belongs to another process', async () => {
  await writeFile(pidFile, `${process.pid}\n${data}\n0\n5432\n${data}\n\n\nready\n`);
  await writeFile(join(data, '.s.PGSQL.5432.lock'), `${process.pid}\n${data}\n0\n5432\n${data}\n`);
  await startAndFind(1);
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
  const restarted = await startEmbedded(data);
  await query(
    restarted.url,
    `
    INSERT INTO "tenant_old"."Thing" (state) VALUES ('ON'); SELECT nextval('"tenant_old".free');
    ALTER TABLE "tenant_old"."Thing" ADD COLUMN more text; ALTER TYPE "tenant_old"."State" ADD VALUE 'AWAY';
    DROP FUNCTION "tenant_old".answer; ALTER TABLE public."Old" ADD COLUMN more text; DROP TABLE public."Old";
    ALTER SCHEMA "tenant_old" RENAME TO "tenant_aside"; DROP SCHEMA "tenant_aside" CASCADE`,
  );
  await restarted.stop();
});

test('only the owner can access the data folder and the passwords', async () => {
  const modes = await Promise.all(
    [data, `${data}.password`, `${data}.role-password`].map(async (path) =>
      ((await stat(path)).mode & 0o777).toString(8),
    ),
  );
  expect(modes).toEqual(['700', '600', '600']);
});
