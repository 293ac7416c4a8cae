import { toTenantSchema } from '@it0/contracts/ids';
import { queryAcrossSchemas } from '@it0/db/query-schemas';
import type { Services } from '../../context.ts';
import { tenantTables } from '../task/event-log.ts';
import { UNSENT_TTL_HOURS } from './attachment.ts';
import { attachmentKey } from './store.ts';

/** At most so many of a tenant in one go; the next one goes on. */
const SWEEP_LIMIT = 500;

/**
 * Removes what nobody can ask for any more: attachments that no message took in a day, and those whose session is gone.
 * The content goes first, so that a sweep that is cut short is gone on with.
 */
export async function sweepAttachments({ db, attachments, log }: Services): Promise<void> {
  const tenants = new Map((await db.tenants()).map(({ id }) => [toTenantSchema(id), id]));
  // An hour of grace: a message that takes one at the last moment has taken it.
  const { rows } = await queryAcrossSchemas<{ id: string; schema: string }>(
    db.pool,
    [...tenants.keys()],
    (schema) =>
      `(SELECT "id" FROM ${schema}."Attachment" WHERE "sessionId" IS NULL
        AND ("taskId" IS NOT NULL OR "createdAt" < now() - interval '${UNSENT_TTL_HOURS + 1} hours') LIMIT ${SWEEP_LIMIT})`,
  );
  for (const { id, schema } of rows) {
    const tenantId = tenants.get(schema)!;
    await attachments.remove(attachmentKey(tenantId, id));
    await db.pool.query(`DELETE FROM ${tenantTables(tenantId)}."Attachment" WHERE "id" = $1`, [id]);
  }
  if (rows.length > 0) log.info({ count: rows.length }, 'attachments were swept');
}
