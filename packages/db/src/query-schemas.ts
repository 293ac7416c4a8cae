import { DatabaseError, escapeIdentifier, escapeLiteral, type Pool } from 'pg';

/** A statement holds a lock on every table and index it names, and Postgres has some thousands of them for everybody. */
const atOnce = 100;

export type SchemaResults<Row> = {
  rows: (Row & { schema: string })[];
  failed: { schema: string; error: unknown }[];
};

/**
 * Asks many schemas the same with few statements; `select` gets a schema's name, quoted and not. One that cannot answer, because
 * it is not there or not as it should be, does not stop the others. Types that a schema has of its own are to be cast.
 */
export async function queryAcrossSchemas<Row>(
  pool: Pool,
  schemas: string[],
  select: (schema: string, name: string) => string,
): Promise<SchemaResults<Row>> {
  const sqlOf = (schema: string) =>
    `SELECT ${escapeLiteral(schema)} AS "schema", q.* FROM (${select(escapeIdentifier(schema), schema)}) q`;

  async function ask(some: string[]): Promise<SchemaResults<Row>> {
    try {
      const { rows } = await pool.query(some.map(sqlOf).join(' UNION ALL '));
      return { rows, failed: [] };
    } catch (error) {
      if (!isOfSchema(error)) throw error;
      if (some.length === 1) return { rows: [], failed: [{ schema: some[0]!, error }] };
    }
    // Halves: few that are broken among many cost a few statements more.
    const middle = some.length >> 1;
    return join([await ask(some.slice(0, middle)), await ask(some.slice(middle))]);
  }

  const answers: SchemaResults<Row>[] = [];
  for (let from = 0; from < schemas.length; from += atOnce) answers.push(await ask(schemas.slice(from, from + atOnce)));
  return join(answers);
}

/** No connection, no room, a shutdown: that is nothing about a schema. */
const isOfSchema = (error: unknown) => error instanceof DatabaseError && !/^(08|53|57|58)/.test(error.code ?? '');

const join = <Row>(answers: SchemaResults<Row>[]): SchemaResults<Row> => ({
  rows: answers.flatMap(({ rows }) => rows),
  failed: answers.flatMap(({ failed }) => failed),
});
