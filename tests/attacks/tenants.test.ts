import { expect, test } from 'vitest';
import { isWrong } from './outcome.ts';
import { attackTenants } from './tenants.ts';

test('an owner of another tenant gets nothing by an id, however it is spelled', { timeout: 180_000 }, async () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  const outcomes = await attackTenants(seed, 60);
  expect(outcomes.filter(isWrong), `seed ${seed}`).toEqual([]);
});
