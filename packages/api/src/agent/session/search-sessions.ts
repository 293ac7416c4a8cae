import { Id } from '@it0/contracts/ids';
import { text } from '@it0/contracts/text';
import { quoteTenantSchema } from '@it0/db/sql';
import { z } from 'zod';
import type { UserContext } from '../../core.ts';
import { readableSql } from '../instance/access.ts';

/** Input of `searchSessions`. */
export const SearchSessions = z.object({
  query: text(200).refine((query) => query.trim() !== '', 'Enter a search term.'),
  limit: z.int().min(1).max(20).default(10),
});

/** A session that matches a search. */
export const SessionMatch = z
  .object({
    sessionId: Id,
    title: z.string(),
    instanceId: Id.nullable().describe('Null for iAgent’s.'),
    instanceName: z.string().nullable(),
    lastActiveAt: z.iso.datetime(),
    snippet: z
      .string()
      .nullable()
      .describe('From the latest message that contains the search term; null when only the title does.'),
  })
  .meta({ id: 'FoundSession' });
export type SessionMatch = z.infer<typeof SessionMatch>;

/** Number of sessions that are searched, the most recent ones. */
export const SEARCH_WINDOW = 300;
/** Length of a snippet in characters, and how many of them precede the match. */
const SNIPPET = { length: 240, before: 80 };

const SEARCH_SESSIONS = (schema: string) => `
  SELECT s."id" AS "sessionId", s."title", s."lastActiveAt",
    s."agentInstanceId" AS "instanceId", i."name" AS "instanceName",
    substr(m."text", ${SNIPPET_START}, ${SNIPPET.length}) AS "snippet"
  FROM (${searchedSession(schema)}) s
  LEFT JOIN ${schema}."AgentInstance" i ON i."id" = s."agentInstanceId"
  LEFT JOIN LATERAL (${matchingMessage(schema)}) m ON true
  WHERE s."title" ILIKE $3 OR m."text" IS NOT NULL
  ORDER BY s."lastActiveAt" DESC
  LIMIT $5`;

const SNIPPET_START = `greatest(1, strpos(lower(m."text"), lower($4)) - ${SNIPPET.before})`;

const searchedSession = (schema: string) => `
  SELECT s.*
  FROM ${schema}."AgentSession" s
  WHERE ${readableSql(schema, '$1', '$2')}
  ORDER BY s."lastActiveAt" DESC
  LIMIT ${SEARCH_WINDOW}`;

/** The latest message of the session `s` that matches. */
const matchingMessage = (schema: string) => `
  SELECT content."text"
  FROM ${schema}."ConversationMessage" m, LATERAL (${CONTENT}) content
  WHERE m."sessionId" = s."id" AND content."text" ILIKE $3
  ORDER BY m."seq" DESC
  LIMIT 1`;

const CONTENT = `
  SELECT string_agg(part->>'text', '') AS "text"
  FROM jsonb_array_elements(m."parts") part
  WHERE part->>'type' = 'text'`;

/**
 * Finds the search term, case-insensitively, in the titles and messages of the sessions that the user may read.
 * Searches only the `SEARCH_WINDOW` most recent sessions, and returns the most recent matches first.
 */
export async function searchSessions(
  { db, user }: UserContext,
  { query, limit }: z.infer<typeof SearchSessions>,
): Promise<SessionMatch[]> {
  const term = query.trim();
  const pattern = `%${term.replaceAll(/[\\%_]/g, '\\$&')}%`;
  const { rows } = await db.pool.query<Omit<SessionMatch, 'lastActiveAt'> & { lastActiveAt: Date }>(
    SEARCH_SESSIONS(quoteTenantSchema(user.tenantId)),
    [user.id, user.role, pattern, term, limit],
  );
  return rows.map((row) => ({ ...row, lastActiveAt: row.lastActiveAt.toISOString() }));
}
