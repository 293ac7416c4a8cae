import { Id } from '@it0/contracts/ids';
import { text } from '@it0/contracts/text';
import { z } from 'zod';
import type { UserContext } from '../../context.ts';
import { readableSql } from '../instance/access.ts';
import { tenantTables } from '../task/event-log.ts';

export const SearchSessions = z.object({
  query: text(200).refine((query) => query.trim() !== '', 'Say what to look for.'),
  limit: z.int().min(1).max(20).default(10),
});

export const FoundSession = z
  .object({
    sessionId: Id,
    title: z.string(),
    instanceId: Id.nullable().describe('Null for iAgent’s.'),
    instanceName: z.string().nullable(),
    lastActiveAt: z.iso.datetime(),
    snippet: z
      .string()
      .nullable()
      .describe('From its latest message that has the words; null when the title has them.'),
  })
  .meta({ id: 'FoundSession' });
export type FoundSession = z.infer<typeof FoundSession>;

/** So many conversations are looked through, the latest. */
export const SEARCH_WINDOW = 300;
/** Characters of a snippet, and those of them before what was found. */
const snippet = { length: 240, before: 80 };

const SEARCH = (schema: string) => `
  SELECT s."id" AS "sessionId", s."title", s."agentInstanceId" AS "instanceId", s."lastActiveAt", i."name" AS "instanceName",
    substr(m."text", greatest(1, strpos(lower(m."text"), lower($4)) - ${snippet.before}), ${snippet.length}) AS "snippet"
  FROM (
    SELECT s.* FROM ${schema}."AgentSession" s WHERE ${readableSql(schema, '$1', '$2')}
    ORDER BY s."lastActiveAt" DESC LIMIT ${SEARCH_WINDOW}) s
  LEFT JOIN ${schema}."AgentInstance" i ON i."id" = s."agentInstanceId"
  LEFT JOIN LATERAL (
    SELECT said."text" FROM ${schema}."ConversationMessage" m, LATERAL (
      SELECT string_agg(p->>'text', '') AS "text" FROM jsonb_array_elements(m."parts") p WHERE p->>'type' = 'text') said
    WHERE m."sessionId" = s."id" AND said."text" ILIKE $3 ORDER BY m."seq" DESC LIMIT 1) m ON true
  WHERE s."title" ILIKE $3 OR m."text" IS NOT NULL
  ORDER BY s."lastActiveAt" DESC LIMIT $5`;

/** The latest conversations that the user may read in whose title or messages these words stand, as they are written. */
export async function searchSessions(
  { db, user }: UserContext,
  { query, limit }: z.infer<typeof SearchSessions>,
): Promise<FoundSession[]> {
  const words = query.trim();
  const pattern = `%${words.replaceAll(/[\\%_]/g, '\\$&')}%`;
  const { rows } = await db.pool.query<Omit<FoundSession, 'lastActiveAt'> & { lastActiveAt: Date }>(
    SEARCH(tenantTables(user.tenantId)),
    [user.id, user.role, pattern, words, limit],
  );
  return rows.map((row) => ({ ...row, lastActiveAt: row.lastActiveAt.toISOString() }));
}
