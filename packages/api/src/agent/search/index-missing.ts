import type { Part } from '@it0/contracts/message';
import { quoteTenantSchema } from '@it0/db/sql';
import type { Core } from '../../core.ts';
import { forEachTenant } from '../../jobs/for-each-tenant.ts';
import { toMessageTerms, toTerms } from './terms.ts';

/** Messages per statement. */
const BATCH_SIZE = 500;

/** The messages and titles after an id without an entry. An id is of a message or of a session. */
const MISSING = (schema: string) => `
  SELECT t.*
  FROM (
    SELECT "id", "sessionId", "createdAt" AS "at", "parts", NULL AS "title" FROM ${schema}."ConversationMessage"
    UNION ALL
    SELECT "id", "id", "createdAt", NULL, "title" FROM ${schema}."AgentSession"
  ) t
  WHERE t."id" > $1 AND NOT EXISTS (SELECT FROM ${schema}."SearchEntry" e WHERE e."id" = t."id")
  ORDER BY t."id"
  LIMIT ${BATCH_SIZE}`;

const WRITE = (schema: string) => `
  INSERT INTO ${schema}."SearchEntry" ("id", "sessionId", "at", "terms")
  SELECT r."id", s."id", r."at", array_to_tsvector(r."terms")
  FROM json_to_recordset($1) r("id" uuid, "sessionId" uuid, "at" timestamptz, "terms" text[])
  JOIN ${schema}."AgentSession" s ON s."id" = r."sessionId"
  ON CONFLICT DO NOTHING`;

type Row = { id: string; sessionId: string; at: Date } & (
  | { parts: Part[]; title: null }
  | { parts: null; title: string }
);

/** Indexes messages and titles that were written before there was an index, or while their entry could not be written. */
export const indexMissing = ({ db, log, ...services }: Core, signal: AbortSignal): Promise<void> =>
  forEachTenant({ db, log, ...services }, signal, async (tenantId) => {
    const schema = quoteTenantSchema(tenantId);
    let total = 0;
    for (let last = '00000000-0000-0000-0000-000000000000'; ; ) {
      signal.throwIfAborted();
      const { rows } = await db.pool.query<Row>(MISSING(schema), [last]);
      const entries = rows.map(({ parts, title, ...row }) => ({
        ...row,
        terms: parts ? toMessageTerms(parts) : toTerms(title),
      }));
      if (entries.length > 0) await db.pool.query(WRITE(schema), [JSON.stringify(entries)]);
      total += entries.length;
      if (rows.length < BATCH_SIZE) break;
      last = rows.at(-1)!.id;
    }
    if (total > 0) log.info({ tenantId, count: total }, 'messages were added to the search index');
  });
