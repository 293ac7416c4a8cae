import { quoteTenantSchema } from '@it0/db/sql';
import { forEachTenant } from '../../jobs/for-each-tenant.ts';
import type { AgentServices } from '../agent-services.ts';
import { isInDraftSql } from '../draft/draft.sql.ts';
import { UNSENT_TTL_HOURS } from './attachment.ts';
import { attachmentKey } from './store.ts';

/** Number of attachments per read. */
const BATCH_SIZE = 500;

/**
 * Removes attachments that are no longer accessible: those not sent within a day that are in no draft, and those
 * of removed sessions. Deletes the content before the row, so that the next run continues one that was interrupted.
 */
export const removeInaccessible = (services: AgentServices, signal: AbortSignal): Promise<void> =>
  forEachTenant(services, signal, async (tenantId) => {
    const { db, attachments, log } = services;
    const schema = quoteTenantSchema(tenantId);
    const table = `${schema}."Attachment"`;
    let count = 0;
    for (let size = BATCH_SIZE; size === BATCH_SIZE; ) {
      // One more hour, since a message may bind an attachment at the last moment.
      const { rows } = await db.pool.query<{ id: string }>(
        `SELECT a."id" FROM ${table} a
         WHERE a."sessionId" IS NULL
           AND (a."taskId" IS NOT NULL OR a."createdAt" < now() - interval '${UNSENT_TTL_HOURS + 1} hours'
             AND NOT ${isInDraftSql(schema, { graceHours: 1 })})
         LIMIT ${BATCH_SIZE}`,
      );
      size = rows.length;
      for (const { id } of rows) {
        signal.throwIfAborted();
        await attachments.remove(attachmentKey(tenantId, id));
        await db.pool.query(`DELETE FROM ${table} WHERE "id" = $1`, [id]);
      }
      count += size;
    }
    if (count > 0) log.info({ tenantId, count }, 'inaccessible attachments were removed');
  });
