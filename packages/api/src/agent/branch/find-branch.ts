import { quoteTenantSchema } from '@it0/db/sql';
import type { UserContext } from '../../core.ts';
import { FIND_BRANCH } from './branch.sql.ts';

/**
 * Finds the branch that shows a message or task by its id: the selected one if it has it, else the one with the latest
 * message. Returns null if the session has no such message or only one branch. Does not check rights.
 */
export async function findBranch(
  { db, user: { tenantId } }: UserContext,
  { sessionId, id }: { sessionId: string; id: string },
): Promise<number | null> {
  const text = FIND_BRANCH(quoteTenantSchema(tenantId));
  const { rows } = await db.pool.query<{ branch: number }>({
    name: `find-branch:${tenantId}`,
    text,
    values: [sessionId, id],
  });
  return rows[0]?.branch ?? null;
}
