import { queryAcrossTenants } from '@it0/db/query-schemas';
import { tenantTables } from '@it0/db/sql';
import type { AgentServices } from '../agent-services.ts';
import { UNSENT_TTL_HOURS } from './attachment.ts';
import { attachmentKey } from './store.ts';

/** Maximum number of attachments per tenant and run. */
const MAX_REMOVALS = 500;

/**
 * Removes attachments that are no longer accessible: those not sent within a day, and those of removed sessions.
 * Deletes the content before the row, so that the next run continues one that was interrupted.
 */
export async function removeInaccessible({ db, attachments, log }: AgentServices): Promise<void> {
  const tenants = await db.tenants();
  // One more hour, since a message may bind an attachment at the last moment.
  const { rows } = await queryAcrossTenants<{ id: string }>(
    db.pool,
    tenants.map(({ id }) => id),
    (schema) =>
      `(SELECT "id" FROM ${schema}."Attachment"
        WHERE "sessionId" IS NULL
          AND ("taskId" IS NOT NULL OR "createdAt" < now() - interval '${UNSENT_TTL_HOURS + 1} hours')
        LIMIT ${MAX_REMOVALS})`,
  );
  for (const { id, tenantId } of rows) {
    await attachments.remove(attachmentKey(tenantId, id));
    await db.pool.query(`DELETE FROM ${tenantTables(tenantId)}."Attachment" WHERE "id" = $1`, [id]);
  }
  if (rows.length > 0) log.info({ count: rows.length }, 'inaccessible attachments were removed');
}
