import { quoteTenantSchema } from '@it0/db/sql';
import type { UserContext } from '../../core.ts';

/** The first task of each branch, and the one whose message precedes it. */
const FIRST_TASKS = (schema: string) => `
  SELECT b."taskId", parent."taskId" AS "parentId"
  FROM ${schema}."SessionBranch" b
  LEFT JOIN LATERAL (
    SELECT m."taskId"
    FROM jsonb_to_recordset(b."path") part("branch" int, "before" bigint)
    JOIN ${schema}."ConversationMessage" m
      ON m."sessionId" = $1 AND m."branch" = part."branch" AND m."seq" < part."before"
    ORDER BY m."seq" DESC
    LIMIT 1
  ) parent ON true
  WHERE b."sessionId" = $1`;

/** Returns the task that the first task of each branch follows; null for another version of the first message. */
export async function readParents({ db, user }: UserContext, sessionId: string): Promise<Map<string, string | null>> {
  type Row = { taskId: string; parentId: string | null };
  const { rows } = await db.pool.query<Row>(FIRST_TASKS(quoteTenantSchema(user.tenantId)), [sessionId]);
  return new Map(rows.map(({ taskId, parentId }) => [taskId, parentId]));
}
