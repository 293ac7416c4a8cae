import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { PLATFORM_EXPIRY, RETAINED_COLUMNS, TENANT_EXPIRY } from '@it0/api/retention/expired-rows';
import { expect, test } from 'vitest';

const rules = { platform: PLATFORM_EXPIRY, tenant: TENANT_EXPIRY };

/** Lists the columns of a schema with a time, as `Table.column`. */
function listTimeColumns(kind: string): string[] {
  const path = fileURLToPath(new URL(`../prisma/${kind}/schema.prisma`, import.meta.url));
  return [...readFileSync(path, 'utf8').matchAll(/^model (\w+) \{\n([\s\S]*?)^\}/gm)].flatMap(([, table, body]) =>
    [...body!.matchAll(/^ +(\w+) +(?:DateTime|BigInt)\b/gm)].map(([, column]) => `${table}.${column}`),
  );
}

const isExpiry = (column: string) => /expire|until|deadline/i.test(column.split('.')[1]!);

for (const kind of ['platform', 'tenant'] as const) {
  const columns = listTimeColumns(kind);

  test(`every column of the ${kind} schema with an expiry has a retention rule`, () => {
    const known = [
      ...Object.entries(rules[kind]).map(([table, { column }]) => `${table}.${column}`),
      ...Object.keys(RETAINED_COLUMNS),
    ];
    // Add the table to PLATFORM_EXPIRY or TENANT_EXPIRY, or the column with the reason to RETAINED_COLUMNS.
    expect(columns.filter(isExpiry).filter((column) => !known.includes(column))).toEqual([]);
    expect(columns.filter(isExpiry).length).toBeGreaterThan(1);
  });

  test(`every retention rule of the ${kind} schema is for a column that exists`, () => {
    const inRules = Object.entries(rules[kind]).map(([table, { column }]) => `${table}.${column}`);
    expect(inRules.filter((column) => !columns.includes(column))).toEqual([]);
  });
}

test('every retained column exists', () => {
  const columns = [...listTimeColumns('platform'), ...listTimeColumns('tenant')];
  expect(Object.keys(RETAINED_COLUMNS).filter((column) => !columns.includes(column))).toEqual([]);
});
