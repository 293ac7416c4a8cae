import { quoteTenantSchema } from '@it0/db/sql';
import type { UserContext } from '../../core.ts';

/** The task whose message precedes each branch. */
const PARENTS = (schema: string) => `
  SELECT b."number", parent."taskId"
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

/** Returns the task that each branch follows, by number; null for another version of the first message. */
export async function readParents({ db, user }: UserContext, sessionId: string): Promise<Map<number, string | null>> {
  type Row = { number: number; taskId: string | null };
  const { rows } = await db.pool.query<Row>(PARENTS(quoteTenantSchema(user.tenantId)), [sessionId]);
  return new Map(rows.map(({ number, taskId }) => [number, taskId]));
}
