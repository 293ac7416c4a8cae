import type { QueryConfig, QueryResultRow } from 'pg';
import type { PrismaClient } from './generated/platform/client.ts';

/** Executor of SQL statements: a pool, or the connection of a transaction. */
export type Queryable = {
  query<Row extends QueryResultRow = Record<never, never>>(
    statement: string | QueryConfig,
    values?: unknown[],
  ): Promise<{ rows: Row[]; rowCount: number | null }>;
};

/** Adapts a Prisma client to `Queryable`. */
export const toQueryable = (client: Pick<PrismaClient, '$queryRawUnsafe'>): Queryable => ({
  async query<Row>(statement: string | QueryConfig, values: unknown[] = []) {
    const { text, values: own = values } = typeof statement === 'string' ? { text: statement } : statement;
    const rows = await client.$queryRawUnsafe<Row[]>(text, ...own);
    return { rows, rowCount: rows.length };
  },
});
