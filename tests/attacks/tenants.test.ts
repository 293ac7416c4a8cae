import { expect, test } from 'vitest';
import { isWrong } from './outcome.ts';
import { attackTenants } from './tenants.ts';

test('no procedure returns data to an owner of another tenant, for any spelling of an id', async () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  const outcomes = await attackTenants(seed, 60);
  expect(outcomes.filter(isWrong), `seed ${seed}`).toEqual([]);
});
