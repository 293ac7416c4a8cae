import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findings } from './findings.ts';

const root = join(import.meta.dirname, '../..');

test('every attack that succeeded once has a regression test with the listed title', () => {
  expect(findings).toHaveLength(25);
  const missing = findings.flatMap(({ attack, tests }) =>
    tests.length === 0
      ? [attack]
      : tests.flatMap(([file, title]) =>
          readFileSync(join(root, file), 'utf8').includes(title) ? [] : [`${attack}: ${title}`],
        ),
  );
  expect(missing).toEqual([]);
});

test('every attack that succeeded once has a regression test that npm test runs', () => {
  const isSlow = ([file]: [string, string]) => file.endsWith('.slow.test.ts');
  expect(findings.filter(({ tests }) => tests.every(isSlow))).toEqual([]);
});
