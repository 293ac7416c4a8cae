import { MAX_INT } from '@it0/contracts/number';
import { partsOf, type Schema, schemasFromOutside } from '@it0/tests/support/input-schemas';
import { expect, test } from 'vitest';

/** JSON of any shape that a bridge answers, or is asked: what it is by then is checked where it is known. */
const anyJson = new Set(['BridgeAnswers.answers[].body', 'BridgeRequest.body']);

/** What a schema lets be as long, as many or as large as a sender likes. */
function unboundedIn({ type, format, pattern, ...schema }: Schema): string | undefined {
  if (schema.const !== undefined || schema.enum) return;
  const hasFixedLength = ['uuid', 'date-time'].includes(format ?? '') || isFixed(pattern);
  if (type === 'string' && schema.maxLength === undefined && !hasFixedLength)
    return 'a string without a longest length';
  if (type === 'array' && schema.maxItems === undefined) return 'an array without a largest size';
  if (type === 'integer' || type === 'number') {
    const { minimum = -Infinity, maximum = Infinity } = schema;
    if (minimum < -MAX_INT - 1 || maximum > MAX_INT) return 'a number that no column takes';
  }
  if (typeof schema.additionalProperties === 'object') return 'a record with as many keys as anybody likes';
}

/** A pattern for the whole text is a bound where it repeats nothing without an upper end. */
const isFixed = (pattern = '') => /^\^.*\$$/.test(pattern) && !/[^\\][*+]|\{\d+,\}/.test(pattern);

test('every string, list and number that comes from outside has an upper bound', () => {
  const schemas = [...schemasFromOutside()];
  const unbounded = schemas.flatMap(([name, schema]) =>
    [...partsOf(schema)].flatMap(([path, part]) => {
      const at = name + path;
      const why = [...anyJson].some((json) => at.startsWith(json)) ? undefined : unboundedIn(part);
      return why ? [`${at}: ${why}`] : [];
    }),
  );
  expect(schemas.length).toBeGreaterThan(50);
  expect(unbounded).toEqual([]);
});

test('the walk finds what has no bound', () => {
  expect(
    [
      { type: 'string' },
      { type: 'string', pattern: '^\\d+$' },
      { type: 'array', items: { type: 'null' } },
      { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
      { type: 'number', maximum: 1 },
      { type: 'object', additionalProperties: { type: 'null' } },
    ].filter((schema) => unboundedIn(schema) === undefined),
  ).toEqual([]);
});
