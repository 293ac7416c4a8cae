import { Id } from '@it0/contracts/ids';
import type { Part } from '@it0/contracts/message';
import { text } from '@it0/contracts/text';
import { quoteTenantSchema } from '@it0/db/sql';
import { z } from 'zod';
import type { UserContext } from '../../core.ts';
import { readableSql } from '../instance/access.ts';
import { findSnippet } from './snippet.ts';
import { toQueryWords, toSearchText, toTsQuery } from './terms.ts';

/** Input of `session.search`. */
export const SearchSessions = z.object({
  query: text(200).refine((query) => toQueryWords(query).length > 0, 'Enter a search term.'),
  agent: z
    .string()
    .regex(/^(assistant|[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12})$/i)
    .optional()
    .describe('The id of an instance, or `assistant` for iAgent.'),
  limit: z.int().min(1).max(50).default(20),
});

/** A message or title that matches a search. */
export const SessionMatch = z
  .object({
    sessionId: Id,
    title: z.string(),
    instanceId: Id.nullable().describe('Null for iAgent’s.'),
    instanceName: z.string().nullable(),
    messageId: Id.nullable().describe('Null if only the title of the session matches.'),
    at: z.iso.datetime().describe('The time of the message, or of the title.'),
    snippet: z
      .array(z.object({ text: z.string(), match: z.boolean() }))
      .describe('The part of the message, or of the title, around the first match, in pieces.'),
  })
  .meta({ id: 'SessionMatch' });
export type SessionMatch = z.infer<typeof SessionMatch>;

/** Result of a search. */
export const SearchResult = z
  .object({
    matches: z.array(SessionMatch).describe('The latest first.'),
    more: z.boolean().describe('Whether there are more matches than `limit`.'),
  })
  .meta({ id: 'SearchResult' });
export type SearchResult = z.infer<typeof SearchResult>;

/**
 * Entries that are searched first, the latest ones. A frequent word is found among them, so that the index is read only
 * for words that have few matches.
 */
const RECENT = 5_000;

/** Entries that are read for each match to be found, since their pairs of characters may be at different places. */
const CANDIDATES = 2;

const SEARCH = (schema: string, recent: boolean) => `
  SELECT e."id", e."at", s."id" AS "sessionId", s."title", s."agentInstanceId" AS "instanceId",
    instance."name" AS "instanceName", m."parts"
  FROM (${matchingEntry(schema, recent)}) e
  JOIN ${schema}."AgentSession" s ON s."id" = e."sessionId"
  LEFT JOIN ${schema}."AgentInstance" instance ON instance."id" = s."agentInstanceId"
  LEFT JOIN ${schema}."ConversationMessage" m ON m."id" = e."id"
  ORDER BY e."at" DESC, e."id"`;

const matchingEntry = (schema: string, recent: boolean) => `
  SELECT e."id", e."sessionId", e."at"
  FROM ${recent ? recentEntry(schema) : `${schema}."SearchEntry"`} e
  JOIN ${schema}."AgentSession" s ON s."id" = e."sessionId"
  WHERE e."terms" @@ $3::tsquery
    AND ($4::boolean OR s."agentInstanceId" IS NOT DISTINCT FROM $5::uuid)
    AND ${readableSql(schema, '$1', '$2')}
  ORDER BY e."at" DESC, e."id"
  LIMIT $6`;

const recentEntry = (schema: string) =>
  `(SELECT * FROM ${schema}."SearchEntry" ORDER BY "at" DESC, "id" LIMIT ${RECENT})`;

type Row = Omit<SessionMatch, 'at' | 'snippet' | 'messageId'> & { id: string; at: Date; parts: Part[] | null };

/**
 * Finds the messages, outputs of tools and titles with all words of a query, of the sessions that the user may read.
 * Case and width do not matter. Words match by their beginning, and those of Chinese, Japanese and Korean anywhere.
 */
export async function searchSessions(ctx: UserContext, input: z.infer<typeof SearchSessions>): Promise<SearchResult> {
  const words = toQueryWords(input.query);
  const find = async (recent: boolean) => {
    const rows = await readRows(ctx, { ...input, words, recent });
    return rows.flatMap((row) => toMatch(row, words) ?? []);
  };
  const recent = await find(true);
  const matches = recent.length > input.limit ? recent : await find(false);
  return { matches: matches.slice(0, input.limit), more: matches.length > input.limit };
}

type Search = z.infer<typeof SearchSessions> & { words: string[]; recent: boolean };

async function readRows({ db, user }: UserContext, { words, recent, agent, limit }: Search): Promise<Row[]> {
  const instanceId = agent === 'assistant' ? null : agent;
  const values = [
    ...[user.id, user.role, toTsQuery(words)],
    ...[agent === undefined, instanceId, (limit + 1) * CANDIDATES],
  ];
  return (await db.pool.query<Row>(SEARCH(quoteTenantSchema(user.tenantId), recent), values)).rows;
}

/** Converts a row to a match. Returns null when the words have only their terms in the text. */
function toMatch({ id, at, parts, ...row }: Row, words: string[]): SessionMatch | null {
  const snippet = findSnippet(parts ? toSearchText(parts) : row.title, words);
  return snippet && { ...row, messageId: parts ? id : null, at: at.toISOString(), snippet };
}
