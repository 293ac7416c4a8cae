import type { TaskStatus } from '@it0/contracts/chat-event';
import { toTenantSchema } from '@it0/contracts/ids';
import type { Database } from '@it0/db/database';
import { queryAcrossSchemas } from '@it0/db/query-schemas';
import { tenantTables } from './event-log.ts';
import { openStatuses } from './task.ts';

/** How many tasks of the whole platform are in each state that is not the end. Costs a look at each of them, no more.
 * Where a tenant's tables cannot be read, its tasks are not counted. */
export async function countOpenTasks({ pool }: Database): Promise<Map<TaskStatus, number>> {
  const counts = new Map<TaskStatus, number>(openStatuses.map((status) => [status, 0]));
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

export type StuckTask = {
  taskId: string;
  sessionId: string;
  /** `unseen`: no row makes a server look after it. `overdue`: its deadline has passed. `waiting`: no server looks. */
  how: 'unseen' | 'overdue' | 'waiting';
};

const STUCK = (schema: string) => `
  SELECT t."id" AS "taskId", t."sessionId",
    CASE WHEN d."id" IS NULL THEN 'unseen' WHEN t."deadline" < now() - $3 * interval '1 second' THEN 'overdue'
      ELSE 'waiting' END AS "how"
  FROM ${schema}."AgentTask" t LEFT JOIN public."Dispatch" d ON d."tenantId" = $4 AND d."taskId" = t."id"
  WHERE t."status"::text = ANY($1) AND t."createdAt" < now() - $3 * interval '1 second' AND (
    d."id" IS NULL OR t."deadline" < now() - $3 * interval '1 second' OR (d."due" < now() - $3 * interval '1 second'
      AND NOT EXISTS (
        SELECT FROM public."Dispatch" e
        WHERE e."tenantId" = d."tenantId" AND e."sessionId" = d."sessionId" AND e."id" < d."id")))
  ORDER BY t."id" LIMIT $2`;

/** A tenant's tasks that should have been looked after a minute ago and were not, the oldest first. */
export async function listStuckTasks({ pool }: Database, tenantId: string): Promise<StuckTask[]> {
  return (await pool.query<StuckTask>(STUCK(tenantTables(tenantId)), [openStatuses, 20, 60, tenantId])).rows;
}
