import { quoteTenantSchema } from '@it0/db/sql';
import type { Core } from '../core.ts';
import { forEachTenant } from '../jobs/for-each-tenant.ts';

/** Time for which a deleted session can be restored. */
export const DELETED_SESSION_DAYS = 7;

/** Sessions per statement. Each can have thousands of messages. */
const BATCH_SIZE = 20;

const REMOVE_OLDEST = (schema: string) => `
  DELETE FROM ${schema}."AgentSession"
  WHERE "id" IN (
    SELECT s."id"
    FROM ${schema}."AgentSession" s
    WHERE s."deletedAt" < $1
    ORDER BY s."deletedAt"
    LIMIT ${BATCH_SIZE}
  )`;

/**
 * Removes sessions that were deleted more than `DELETED_SESSION_DAYS` ago, with their messages, tasks and events. The
 * job for attachments removes their files afterwards.
 */
export const removeDeletedSessions = (services: Core, signal: AbortSignal): Promise<void> =>
  forEachTenant(services, signal, async (tenantId) => {
    const text = REMOVE_OLDEST(quoteTenantSchema(tenantId));
    const before = new Date(Date.now() - DELETED_SESSION_DAYS * 24 * 3_600_000);
    let total = 0;
    for (let count = BATCH_SIZE; count === BATCH_SIZE; total += count) {
      signal.throwIfAborted();
      count = (await services.db.pool.query(text, [before])).rowCount ?? 0;
    }
    if (total > 0) services.log.info({ tenantId, count: total }, 'deleted sessions were removed');
  });
