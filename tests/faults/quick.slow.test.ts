import { expect, test } from 'vitest';
import { formatVerdicts, isClean } from './report.ts';
import { runFaults } from './run-faults.ts';

test('no task is lost, duplicated or left unfinished after any fault', { timeout: 900_000 }, async () => {
  const seed = Math.floor(Math.random() * 1_000_000);
  const wrong: string[] = [];
  const verdicts = await runFaults({ seed, quick: true, onVerdict: (_, notes) => wrong.push(...notes) });
  expect(wrong, `seed ${seed}\n${formatVerdicts(verdicts)}`).toEqual([]);
  expect(verdicts.length > 0 && verdicts.every(isClean)).toBe(true);
});
