import type { TaskStatus } from '@it0/contracts/chat-event';
import type { Database } from '@it0/db/database';
import { queryAcrossTenants } from '@it0/db/query-schemas';
import { quoteTenantSchema, toLiterals } from '@it0/db/sql';
import { IS_FIRST_OF_SESSION } from '../dispatch/dispatch-table.ts';
import { OPEN_STATUSES } from './task.ts';

/**
 * Counts the open tasks of all tenants by status. Reads only open tasks. Tasks of a tenant whose tables cannot be read
 * are not counted.
 */
export async function countOpenTasks({ pool }: Database): Promise<Map<TaskStatus, number>> {
  const counts = new Map<TaskStatus, number>(OPEN_STATUSES.map((status) => [status, 0]));
  const tenants = await pool.query<{ id: string }>('SELECT DISTINCT "tenantId" AS "id" FROM public."Dispatch"');
  const { rows } = await queryAcrossTenants<{ status: TaskStatus; count: number }>(
    pool,
    tenants.rows.map(({ id }) => id),
    (schema, tenantId) =>
      `SELECT t."status"::text AS "status", count(*)::int AS "count"
       FROM public."Dispatch" d JOIN ${schema}."AgentTask" t ON t."id" = d."taskId"
       WHERE d."tenantId" = '${tenantId}' GROUP BY 1`,
  );
  for (const { status, count } of rows) counts.set(status, (counts.get(status) ?? 0) + count);
  return counts;
}

/** An open task that no server takes care of. */
export type StuckTask = {
  taskId: string;
  sessionId: string;
  /** `unscheduled`: the dispatch table lacks the task. `overdue`: its deadline has passed. `unclaimed`: it is due. */
  cause: 'unscheduled' | 'overdue' | 'unclaimed';
};

const MAX_STUCK = 20;
/** A task that has been due since then is stuck. */
const STUCK_SINCE = `now() - interval '1 minute'`;

const STUCK = (schema: string) => `
  SELECT t."id" AS "taskId", t."sessionId",
    CASE WHEN d."id" IS NULL THEN 'unscheduled'
      WHEN t."deadline" < ${STUCK_SINCE} THEN 'overdue'
      ELSE 'unclaimed' END AS "cause"
  FROM ${schema}."AgentTask" t
  LEFT JOIN public."Dispatch" d ON d."tenantId" = $1 AND d."taskId" = t."id"
  WHERE t."status" IN (${toLiterals(OPEN_STATUSES)})
    AND t."createdAt" < ${STUCK_SINCE}
    AND (
      d."id" IS NULL
      OR t."deadline" < ${STUCK_SINCE}
      OR (d."due" < ${STUCK_SINCE} AND ${IS_FIRST_OF_SESSION}))
  ORDER BY t."id" LIMIT ${MAX_STUCK}`;

/** Lists tasks of a tenant that have been due for a minute or longer, oldest first, at most 20. */
export async function listStuckTasks({ pool }: Database, tenantId: string): Promise<StuckTask[]> {
  return (await pool.query<StuckTask>(STUCK(quoteTenantSchema(tenantId)), [tenantId])).rows;
}
