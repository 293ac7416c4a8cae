import type { TaskStatus } from '@it0/contracts/chat-event';
import { toTenantSchema } from '@it0/contracts/ids';
import type { Database } from '@it0/db/database';
import { queryAcrossSchemas } from '@it0/db/query-schemas';
import { tenantTables } from './event-log.ts';
import { OPEN_STATUSES } from './task.ts';

/**
 * Counts the open tasks of all tenants by status. Reads only open tasks. Tasks of a tenant whose tables cannot be read
 * are not counted.
 */
export async function countOpenTasks({ pool }: Database): Promise<Map<TaskStatus, number>> {
  const counts = new Map<TaskStatus, number>(OPEN_STATUSES.map((status) => [status, 0]));
  const tenants = await pool.query<{ id: string }>('SELECT DISTINCT "tenantId" AS "id" FROM public."Dispatch"');
  const ids = new Map(tenants.rows.map(({ id }) => [toTenantSchema(id), id]));
  const { rows } = await queryAcrossSchemas<{ status: TaskStatus; count: number }>(
    pool,
    [...ids.keys()],
    (schema, name) =>
      `SELECT t."status"::text AS "status", count(*)::int AS "count" FROM public."Dispatch" d
       JOIN ${schema}."AgentTask" t ON t."id" = d."taskId" WHERE d."tenantId" = '${ids.get(name)}' GROUP BY 1`,
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

const STUCK = (schema: string) => `
  SELECT t."id" AS "taskId", t."sessionId",
    CASE WHEN d."id" IS NULL THEN 'unscheduled'
      WHEN t."deadline" < now() - $3 * interval '1 second' THEN 'overdue'
      ELSE 'unclaimed' END AS "cause"
  FROM ${schema}."AgentTask" t LEFT JOIN public."Dispatch" d ON d."tenantId" = $4 AND d."taskId" = t."id"
  WHERE t."status"::text = ANY($1) AND t."createdAt" < now() - $3 * interval '1 second' AND (
    d."id" IS NULL
    OR t."deadline" < now() - $3 * interval '1 second'
    OR (d."due" < now() - $3 * interval '1 second'
      AND NOT EXISTS (
        SELECT FROM public."Dispatch" e
        WHERE e."tenantId" = d."tenantId" AND e."sessionId" = d."sessionId" AND e."id" < d."id")))
  ORDER BY t."id" LIMIT $2`;

/** Lists tasks of a tenant that have been due for a minute or longer, oldest first, at most 20. */
export async function listStuckTasks({ pool }: Database, tenantId: string): Promise<StuckTask[]> {
  return (await pool.query<StuckTask>(STUCK(tenantTables(tenantId)), [OPEN_STATUSES, 20, 60, tenantId])).rows;
}
