import { expect, test, vi } from 'vitest';
import { computeBackoffMs } from './backoff.ts';

test('computeBackoffMs doubles from its first delay to its longest one, with up to half omitted at random', () => {
  const random = vi.spyOn(Math, 'random').mockReturnValue(0);
  const compute = (failures: number) => computeBackoffMs(failures, { firstMs: 100, maxMs: 1_000 });
  expect([1, 2, 3, 4, 5, 100_000].map(compute)).toEqual([100, 200, 400, 800, 1_000, 1_000]);
  random.mockReturnValue(0.5);
  expect([1, 5].map(compute)).toEqual([75, 750]);
  random.mockRestore();
});
