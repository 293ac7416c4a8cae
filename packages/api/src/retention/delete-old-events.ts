import { quoteTenantSchema } from '@it0/db/sql';
import type { Core } from '../core.ts';
import { forEachTenant } from '../jobs/for-each-tenant.ts';
import { BATCH_SIZE, deleteInBatches } from './delete-in-batches.ts';

/** Covers a device that was offline for a vacation. */
export const DEFAULT_EVENT_DAYS = 30;

/** Deletes the oldest events from $2 on. Earlier ones need not be read again, although their index entries remain. */
const DELETE_OLDEST = (schema: string) => `
  WITH deleted AS (
    DELETE FROM ${schema}."ChatEvent" WHERE ctid = ANY(ARRAY(
      SELECT event.ctid FROM ${schema}."ChatEvent" event JOIN ${schema}."AgentTask" task ON task."id" = event."taskId"
      WHERE event."createdAt" >= $2 AND event."createdAt" < $1 AND task."endedAt" < $1
      ORDER BY event."createdAt" LIMIT ${BATCH_SIZE}))
    RETURNING "createdAt"
  )
  SELECT count(*)::int AS "count", max("createdAt") AS "last" FROM deleted`;

/**
 * Deletes the events of tasks that ended more than `days` ago. Their messages stay. A reader that asks for deleted
 * events gets EVENT_GAP.
 */
export const deleteOldEvents = (services: Core, days: number, signal: AbortSignal): Promise<void> =>
  forEachTenant(services, signal, async (tenantId) => {
    const text = DELETE_OLDEST(quoteTenantSchema(tenantId));
    const before = new Date(Date.now() - days * 24 * 3_600_000);
    let from = new Date(0);
    const count = await deleteInBatches(signal, async () => {
      const { rows } = await services.db.pool.query<{ count: number; last: Date | null }>(text, [before, from]);
      from = rows[0]!.last ?? from;
      return rows[0]!.count;
    });
    if (count > 0) services.log.info({ tenantId, count }, 'old events were deleted');
  });
