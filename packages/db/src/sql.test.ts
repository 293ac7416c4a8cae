import { testDatabase } from '@it0/tests/support/database';
import { expect, test } from 'vitest';
import { toLiterals } from './sql.ts';

test('toLiterals quotes every value', async () => {
  await using db = await testDatabase();
  const values = ['QUEUED', `it's`, `back\\slash`, `', (SELECT 1)) --`];
  const { rows } = await db.pool.query(`SELECT ARRAY[${toLiterals(values)}] AS "values"`);
  expect(rows).toEqual([{ values }]);
});
