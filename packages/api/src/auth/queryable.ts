import type { PlatformClient } from '@it0/db/database';
import type { QueryResultRow } from 'pg';

/** Executor of SQL statements: a pool, or the connection of a transaction. */
export type Queryable = {
  query<Row extends QueryResultRow>(text: string, values: unknown[]): Promise<{ rows: Row[]; rowCount: number | null }>;
};

/** Adapts a Prisma client to `Queryable`. */
export const toQueryable = (platform: Pick<PlatformClient, '$queryRawUnsafe'>): Queryable => ({
  async query<Row>(text: string, values: unknown[]) {
    const rows = await platform.$queryRawUnsafe<Row[]>(text, ...values);
    return { rows, rowCount: rows.length };
  },
});
