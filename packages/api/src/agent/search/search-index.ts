import type { Part } from '@it0/contracts/message';
import type { Queryable } from '@it0/db/queryable';
import { quoteTenantSchema } from '@it0/db/sql';
import { toMessageTerms, toTerms } from './terms.ts';

/** The terms of a message or a session's title. */
export type SearchEntry = { tenantId: string; id: string; sessionId: string; at: Date; terms: string[] };

const WRITE_ENTRY = (schema: string) => `
  INSERT INTO ${schema}."SearchEntry" ("id", "sessionId", "at", "terms")
  VALUES ($1, $2, $3, array_to_tsvector($4))
  ON CONFLICT ("id") DO UPDATE SET "terms" = excluded."terms"`;

/** Writes the search terms of a message or title, in the transaction that writes the text. */
async function writeEntry(client: Queryable, { tenantId, id, sessionId, at, terms }: SearchEntry): Promise<void> {
  const text = WRITE_ENTRY(quoteTenantSchema(tenantId));
  await client.query({ name: `search-entry:${tenantId}`, text, values: [id, sessionId, at, terms] });
}

type Text = Omit<SearchEntry, 'terms'>;

/** Indexes a message. */
export const indexMessage = (client: Queryable, { parts, ...entry }: Text & { parts: readonly Part[] }) =>
  writeEntry(client, { ...entry, terms: toMessageTerms(parts) });

/** Indexes the title of a session, whose entry has the id of the session. */
export const indexTitle = (client: Queryable, { title, ...entry }: Omit<Text, 'id'> & { title: string }) =>
  writeEntry(client, { ...entry, id: entry.sessionId, terms: toTerms(title) });
