import { testDatabase } from '@it0/tests/support/database';
import { expect, test } from 'vitest';

test('a connection lost in a transaction fails its query but not the process', async () => {
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

test('the number of prepared statements per connection stays limited with many tenants', async () => {
  await using db = await testDatabase();
  for (let tenant = 0; tenant < 2_100; tenant++) {
    await db.pool.query({ name: `statement of tenant ${tenant}`, text: 'SELECT 1' });
  }
  const { rows } = await db.pool.query<{ count: number }>('SELECT count(*)::int FROM pg_prepared_statements');
  expect(rows[0]!.count).toBeLessThan(200);
});
