import type { Message } from '@it0/contracts/message';
import { toLiterals } from '@it0/db/sql';
import { toDraftSql } from '../draft/draft.sql.ts';
import type { Draft } from '../draft/draft.ts';
import { readableSql } from '../instance/access.ts';
import { type NewEvent, OPEN_STATUSES } from '../task/task.ts';

// Parameters of all statements: $1 session, $2 user, $5 rows, $6 role of the user; $3 and $4 are the position.

type SessionSummary = {
  upTo: number;
  title: string;
  instanceId: string | null;
  ownerId: string;
  draft: Draft | null;
  tasks: { id: string; text: string }[] | null;
  events: { seq: number; taskId: string; payload: NewEvent; createdAt: string }[] | null;
};
export type MessageRow = Omit<Message, 'role'> & {
  role: 'USER' | 'ASSISTANT';
  seq: string;
  /** The message that was looked for. */
  isAnchor: boolean;
  /** The message is in the second half of the page. */
  isAfter: boolean;
};
export type HistoryRow = { session: SessionSummary | null } & (MessageRow | { id: null });

/** Reads the latest page, or the one before the cursor: `$3` is its `seq`, and `$4` whether it is after the reply. */
export const READ_OLDER = (schema: string) => readHistory(schema, olderPage(schema));

/** Reads the page after the cursor. */
export const READ_NEWER = (schema: string) => readHistory(schema, newerPage(schema));

/** Reads both sides of a position: of the message or task `$3`, or else of the first message from the time `$4`. */
export const READ_AROUND = (schema: string) => readHistory(schema, pageAround(schema));

const readHistory = (schema: string, page: string) => `
  SELECT m."id", m."role", m."taskId", m."requestId", m."parts", m."status", m."reason", m."detail", m."late", m."seq",
    m."isAnchor", m."isAfter",
    (${tokens(schema)}) AS "usage",
    -- Formatted here, so that no Date is created only to be serialized again.
    to_char(m."createdAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "createdAt",
    -- The columns of the session are sent only with the first row.
    CASE WHEN row_number() OVER () = 1 THEN json_build_object(
      'upTo', s."seq", 'title', s."title", 'instanceId', s."agentInstanceId", 'ownerId', s."ownerId",
      'draft', (${ownDraft(schema)}),
      'tasks', (SELECT json_agg(t) FROM (${openTask(schema)}) t),
      'events', (SELECT json_agg(e) FROM (${openTaskEvent(schema)}) e)
    ) END AS "session"
  FROM ${schema}."AgentSession" s
  LEFT JOIN LATERAL (${page}) m ON true
  WHERE s."id" = $1 AND ${readableSql(schema, '$2', '$6')}`;

const tokens = (schema: string) => `
  SELECT json_build_object('input', t."inputTokens", 'output', t."outputTokens")
  FROM ${schema}."AgentTask" t
  WHERE t."id" = m."taskId" AND m."role" = 'ASSISTANT' AND t."inputTokens" IS NOT NULL`;

const ownDraft = (schema: string) => `
  SELECT ${toDraftSql(schema)}
  FROM ${schema}."Draft" d
  WHERE d."ownerId" = $2 AND d."scopeId" = s."id"`;

const openTask = (schema: string) => `
  SELECT "id", "text"
  FROM ${schema}."AgentTask"
  WHERE "sessionId" = $1 AND "status" IN (${toLiterals(OPEN_STATUSES)})
  ORDER BY "id"`;

const openTaskEvent = (schema: string) => `
  SELECT e."seq", e."taskId", e."payload", e."createdAt"
  FROM ${schema}."ChatEvent" e
  JOIN ${schema}."AgentTask" t ON t."id" = e."taskId"
  WHERE t."sessionId" = $1 AND t."status" IN (${toLiterals(OPEN_STATUSES)})
  ORDER BY e."seq"`;

const olderPage = (schema: string) => `
  SELECT *, false AS "isAnchor", false AS "isAfter"
  FROM ${schema}."ConversationMessage"
  WHERE "sessionId" = $1
    AND ($3::bigint IS NULL OR "seq" < $3 OR ("seq" = $3 AND "role" = 'USER' AND $4))
  ORDER BY "seq" DESC, "role" DESC
  LIMIT $5`;

const newerPage = (schema: string) => `
  SELECT *, false AS "isAnchor", true AS "isAfter"
  FROM ${schema}."ConversationMessage"
  WHERE "sessionId" = $1
    AND ("seq" > $3::bigint OR ("seq" = $3 AND "role" = 'ASSISTANT' AND NOT $4))
  ORDER BY "seq", "role"
  LIMIT $5`;

/** Without a position, the first half is the latest page. */
const pageAround = (schema: string) => `
  WITH position AS MATERIALIZED (${position(schema)})
  (SELECT m.*, m."id" = p."id" AS "isAnchor", false AS "isAfter"
   FROM (VALUES (1)) one
   LEFT JOIN position p ON true
   JOIN ${schema}."ConversationMessage" m ON m."sessionId" = $1
     AND (m."seq", m."role") <= (COALESCE(p."seq", ${MAX_SEQ}), COALESCE(p."role", 'ASSISTANT'))
   ORDER BY m."seq" DESC, m."role" DESC
   LIMIT $5)
  UNION ALL
  (SELECT m.*, false, true
   FROM position p
   JOIN ${schema}."ConversationMessage" m ON m."sessionId" = $1 AND (m."seq", m."role") > (p."seq", p."role")
   ORDER BY m."seq", m."role"
   LIMIT $5)`;

const MAX_SEQ = '9223372036854775807';

/** The message with the id `$3`, else the person's message of the task `$3`; or the first one from the time `$4`. */
const position = (schema: string) => `
  SELECT "id", "seq", "role"
  FROM ${schema}."ConversationMessage"
  WHERE "sessionId" = $1
    AND ("id" = $3::uuid OR "taskId" = $3::uuid OR ("role" = 'USER' AND "createdAt" >= $4::timestamptz))
  ORDER BY "id" = $3::uuid DESC NULLS LAST, "seq", "role"
  LIMIT 1`;
