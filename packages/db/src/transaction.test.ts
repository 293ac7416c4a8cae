import { testDatabase } from '@it0/tests/support/database';
import type { PoolClient } from 'pg';
import { expect, test } from 'vitest';
import { acquireLock, transaction } from './transaction.ts';

const getPid = async (client: PoolClient): Promise<number> =>
  (await client.query('SELECT pg_backend_pid() AS pid')).rows[0].pid;

test('transaction rolls back when its work throws, and keeps the connection', async () => {
  await using db = await testDatabase();
  let pid: number | undefined;
  const failed = transaction(db.pool, async (client) => {
    pid = await getPid(client);
    await client.query('CREATE TABLE leftover ()');
    throw new Error('no');
  });
  await expect(failed).rejects.toThrow('no');
  expect((await db.pool.query(`SELECT to_regclass('leftover') AS "table"`)).rows).toEqual([{ table: null }]);
  expect(await transaction(db.pool, getPid)).toBe(pid);
});

test('transaction drops a connection that was lost, and throws the error of its work', async () => {
  await using db = await testDatabase();
  const failed = transaction(db.pool, (client) => client.query('SELECT pg_terminate_backend(pg_backend_pid())'));
  await expect(failed).rejects.toThrow('terminating connection');
  expect(db.pool.totalCount).toBe(db.pool.idleCount);
  expect((await db.pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
});

test('transaction runs in its mode', async () => {
  await using db = await testDatabase();
  const written = transaction(db.pool, (client) => client.query('CREATE TABLE leftover ()'), 'READ ONLY');
  await expect(written).rejects.toThrow('read-only transaction');
});

test('acquireLock waits until the transaction that holds the lock has ended', async () => {
  await using db = await testDatabase();
  const order: string[] = [];
  let second: Promise<void> | undefined;
  await transaction(db.pool, async (client) => {
    await acquireLock(client, 'a name');
    second = transaction(db.pool, async (other) => {
      await acquireLock(other, 'a name');
      order.push('second');
    });
    await transaction(db.pool, (other) => acquireLock(other, 'another name'));
    order.push('first');
  });
  await second;
  expect(order).toEqual(['first', 'second']);
});
