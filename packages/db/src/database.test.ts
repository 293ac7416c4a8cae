import { testDatabase } from '@it0/tests/support/database';
import { expect, test } from 'vitest';

test('a connection that is lost in a transaction fails its query, not the process', async () => {
  await using db = await testDatabase();
  const client = await db.pool.connect();
  await client.query('BEGIN');
  const { rows } = await client.query('SELECT pg_backend_pid() AS pid');
  const ended = new Promise((resolve) => client.once('end', resolve));
  await db.pool.query('SELECT pg_terminate_backend($1)', [rows[0].pid]);
  await ended;
  await expect(client.query('COMMIT')).rejects.toThrow();
  client.release(true);
  expect((await db.pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
});

test('what is prepared on a connection is forgotten in time, however many tenants there are', async () => {
  await using db = await testDatabase();
  for (let tenant = 0; tenant < 2_100; tenant++) {
    await db.pool.query({ name: `of tenant ${tenant}`, text: 'SELECT 1' });
  }
  const { rows } = await db.pool.query<{ count: number }>('SELECT count(*)::int FROM pg_prepared_statements');
  expect(rows[0]!.count).toBeLessThan(200);
});
