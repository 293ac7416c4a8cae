type Schema = { [key: string]: unknown };

/**
 * The same document as generators of clients like it best. Some check a `pattern` on what they have made a date of,
 * refuse a field that was not there when they ran, know no `const`, or make a class of every `anyOf`.
 */
export function simplifyForCodegen(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(simplifyForCodegen);
  if (typeof value !== 'object' || value === null) return value;
  const schema: Schema = Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, simplifyForCodegen(inner)]),
  );
  if (typeof schema.format === 'string') delete schema.pattern;
  if (schema.additionalProperties === false) delete schema.additionalProperties;
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
  delete schema.propertyNames;
  const { const: only, anyOf, ...rest } = schema;
  if (only !== undefined) return { ...rest, enum: [only] };
  return isPlainOrNull(anyOf) ? { ...rest, ...orNull(anyOf[0]) } : schema;
}

/** A type of JSON's own, and null. Beside a schema with a name null stays what it is. */
const isPlainOrNull = (anyOf: unknown): anyOf is [Schema, Schema] =>
  Array.isArray(anyOf) && anyOf.length === 2 && anyOf[1].type === 'null' && typeof anyOf[0].type === 'string';

const orNull = ({ type, ...schema }: Schema): Schema => ({
  ...schema,
  type: [type, 'null'],
  ...(Array.isArray(schema.enum) && { enum: [...schema.enum, null] }),
});
