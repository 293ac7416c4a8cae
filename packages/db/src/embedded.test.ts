import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
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
});
afterAll(() => rm(folder, { recursive: true }));

async function query(url: string, sql: string) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query(sql);
  await client.end();
  return rows;
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
