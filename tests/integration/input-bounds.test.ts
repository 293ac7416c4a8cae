import { MAX_INT } from '@it0/contracts/number';
import { listExternalSchemas, type Schema, walkSchema } from '@it0/tests/support/input-schemas';
import { expect, test } from 'vitest';

/** Bodies of requests to a bridge and of its responses, which are validated when they are used. */
const anyJson = new Set(['BridgeResponses.responses[].body', 'BridgeRequest.body']);

/** Returns the bound that a schema lacks; undefined when it is bounded. */
function findMissingBound({ type, format, pattern, ...schema }: Schema): string | undefined {
  if (schema.const !== undefined || schema.enum) return;
  const hasFixedLength = ['uuid', 'date-time'].includes(format ?? '') || isFixed(pattern);
  if (type === 'string' && schema.maxLength === undefined && !hasFixedLength)
    return 'a string without a maximum length';
  if (type === 'array' && schema.maxItems === undefined) return 'an array without a maximum size';
  if (type === 'integer' || type === 'number') {
    const { minimum = -Infinity, maximum = Infinity } = schema;
    if (minimum < -MAX_INT - 1 || maximum > MAX_INT) return 'a number beyond the range of a column';
  }
  if (typeof schema.additionalProperties === 'object') return 'a record without a maximum size';
}

/** Returns whether a pattern bounds the length: it is anchored and has no unlimited repetition. */
const isFixed = (pattern = '') => /^\^.*\$$/.test(pattern) && !/[^\\][*+]|\{\d+,\}/.test(pattern);

test('every string, list and number of external input has an upper bound', () => {
  const schemas = [...listExternalSchemas()];
  const unbounded = schemas.flatMap(([name, schema]) =>
    [...walkSchema(schema)].flatMap(([path, part]) => {
      const at = name + path;
      const why = [...anyJson].some((json) => at.startsWith(json)) ? undefined : findMissingBound(part);
      return why ? [`${at}: ${why}`] : [];
    }),
  );
  expect(schemas.length).toBeGreaterThan(50);
  expect(unbounded).toEqual([]);
});

test('findMissingBound finds each kind of unbounded schema', () => {
  expect(
    [
      { type: 'string' },
      { type: 'string', pattern: '^\\d+$' },
      { type: 'array', items: { type: 'null' } },
      { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
      { type: 'number', maximum: 1 },
      { type: 'object', additionalProperties: { type: 'null' } },
    ].filter((schema) => findMissingBound(schema) === undefined),
  ).toEqual([]);
});
