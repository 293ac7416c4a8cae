type Schema = { [key: string]: unknown };

/**
 * Simplifies a document for client generators. Some of them check a `pattern` after converting a value to a date, reject
 * fields that were added later, do not support `const`, or create a class for every `anyOf`.
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
  const { const: constant, anyOf, ...rest } = schema;
  if (constant !== undefined) return { ...rest, enum: [constant] };
  return isPlainOrNull(anyOf) ? { ...rest, ...toNullable(anyOf[0]) } : schema;
}

/** Returns whether this is a primitive type or null. A named schema or null stays an `anyOf`. */
const isPlainOrNull = (anyOf: unknown): anyOf is [Schema, Schema] =>
  Array.isArray(anyOf) && anyOf.length === 2 && anyOf[1].type === 'null' && typeof anyOf[0].type === 'string';

const toNullable = ({ type, ...schema }: Schema): Schema => ({
  ...schema,
  type: [type, 'null'],
  ...(Array.isArray(schema.enum) && { enum: [...schema.enum, null] }),
});
