import type { Message } from '@it0/contracts/message';
import { toLiterals } from '@it0/db/sql';
import { MAX_SEQ, segmentSql } from '../branch/branch.sql.ts';
import type { Segment } from '../branch/branch.ts';
import { toDraftSql } from '../draft/draft.sql.ts';
import type { Draft } from '../draft/draft.ts';
import { readableSql } from '../instance/access.ts';
import { type NewEvent, OPEN_STATUSES } from '../task/task.ts';

// Parameters of all statements: $1 session, $2 user, $5 rows, $6 role of the user, $7 branch, or null for the selected
// one; $3 and $4 are the position.

/** The session of a page, and its open tasks. */
export type SessionSummary = {
  upTo: number;
  title: string;
  instanceId: string | null;
  ownerId: string;
  /** The branch that is read, its parts, and the branch that is selected. */
  branch: number;
  segments: Segment[];
  selectedBranch: number;
  draft: Draft | null;
  tasks: { id: string; text: string; branch: number }[] | null;
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
  WITH s AS MATERIALIZED (${session(schema)}),
  segment AS MATERIALIZED (${segmentSql(schema, { session: '$1', branch: 's."shown"', from: 's' })})
  SELECT m."id", m."role", m."taskId", m."requestId", m."parts", m."status", m."reason", m."detail", m."late", m."seq",
    m."isAnchor", m."isAfter",
    (${tokens(schema)}) AS "usage",
    CASE WHEN s."branchCount" > 0 AND m."role" = 'USER' THEN (${versions(schema)}) END AS "versions",
    -- Formatted here, so that no Date is created only to be serialized again.
    to_char(m."createdAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "createdAt",
    -- The columns of the session are sent only with the first row.
    CASE WHEN row_number() OVER () = 1 THEN json_build_object(
      'upTo', s."seq", 'title', s."title", 'instanceId', s."agentInstanceId", 'ownerId', s."ownerId",
      'branch', s."shown", 'selectedBranch', s."branch", 'segments', (SELECT json_agg(g) FROM segment g),
      'draft', (${ownDraft(schema)}),
      'tasks', (SELECT json_agg(t) FROM (${openTask(schema)}) t),
      'events', (SELECT json_agg(e) FROM (${openTaskEvent(schema)}) e)
    ) END AS "session"
  FROM s
  LEFT JOIN LATERAL (${page}) m ON true`;

const session = (schema: string) => `
  SELECT s."id", s."seq", s."title", s."agentInstanceId", s."ownerId", s."branch", s."branchCount",
    CASE WHEN $7::int <= s."branchCount" THEN $7::int ELSE s."branch" END AS "shown"
  FROM ${schema}."AgentSession" s
  WHERE s."id" = $1 AND ${readableSql(schema, '$2', '$6')}`;

const tokens = (schema: string) => `
  SELECT json_build_object('input', t."inputTokens", 'output', t."outputTokens")
  FROM ${schema}."AgentTask" t
  WHERE t."id" = m."taskId" AND m."role" = 'ASSISTANT' AND t."inputTokens" IS NOT NULL`;

/** The tasks of all versions of the message `m`; null if it has only one. */
const versions = (schema: string) => `
  SELECT array_agg(v."taskId" ORDER BY v."number")
  FROM (SELECT (${originalTask(schema)}) AS "id") original,
    LATERAL (
      SELECT original."id" AS "taskId", 0 AS "number"
      UNION ALL
      SELECT b."taskId", b."number"
      FROM ${schema}."SessionBranch" b
      WHERE b."originalTaskId" = original."id"
    ) v
  HAVING count(*) > 1`;

const originalTask = (schema: string) => `COALESCE(
  (SELECT b."originalTaskId" FROM ${schema}."SessionBranch" b WHERE b."taskId" = m."taskId"),
  m."taskId")`;
const ownDraft = (schema: string) => `
  SELECT ${toDraftSql(schema)}
  FROM ${schema}."Draft" d
  WHERE d."ownerId" = $2 AND d."scopeId" = s."id"`;

const openTask = (schema: string) => `
  SELECT "id", "text", "branch"
  FROM ${schema}."AgentTask"
  WHERE "sessionId" = $1 AND "status" IN (${toLiterals(OPEN_STATUSES)})
  ORDER BY "id"`;

const openTaskEvent = (schema: string) => `
  SELECT e."seq", e."taskId", e."payload", e."createdAt"
  FROM ${schema}."ChatEvent" e
  JOIN ${schema}."AgentTask" t ON t."id" = e."taskId"
  WHERE t."sessionId" = $1 AND t."status" IN (${toLiterals(OPEN_STATUSES)})
  ORDER BY e."seq"`;

/** The first `$5` messages `m` of each part of the conversation that match the condition, each read from the index. */
const messages = (schema: string, condition: string, order: string) => `
  segment g
  CROSS JOIN LATERAL (
    SELECT *
    FROM ${schema}."ConversationMessage" m
    WHERE m."sessionId" = $1 AND m."branch" = g."branch" AND m."seq" < g."before" AND ${condition}
    ORDER BY ${order}
    LIMIT $5
  ) m`;

const OLDEST_FIRST = 'm."seq", m."role"';
const LATEST_FIRST = 'm."seq" DESC, m."role" DESC';

const olderPage = (schema: string) => `
  SELECT m.*, false AS "isAnchor", false AS "isAfter"
  FROM ${messages(schema, BEFORE_CURSOR, LATEST_FIRST)}
  ORDER BY ${LATEST_FIRST}
  LIMIT $5`;

const BEFORE_CURSOR = `($3::bigint IS NULL OR m."seq" < $3 OR (m."seq" = $3 AND m."role" = 'USER' AND $4))`;

const newerPage = (schema: string) => `
  SELECT m.*, false AS "isAnchor", true AS "isAfter"
  FROM ${messages(schema, AFTER_CURSOR, OLDEST_FIRST)}
  ORDER BY ${OLDEST_FIRST}
  LIMIT $5`;

const AFTER_CURSOR = `(m."seq" > $3::bigint OR (m."seq" = $3 AND m."role" = 'ASSISTANT' AND NOT $4))`;

/** Without a position, the first half is the latest page. */
const pageAround = (schema: string) => `
  WITH position AS MATERIALIZED (${position(schema)})
  (SELECT m.*, m."id" = p."id" AS "isAnchor", false AS "isAfter"
   FROM (VALUES (1)) one
   LEFT JOIN position p ON true
   CROSS JOIN ${messages(schema, UP_TO_POSITION, LATEST_FIRST)}
   ORDER BY ${LATEST_FIRST}
   LIMIT $5)
  UNION ALL
  (SELECT m.*, false, true
   FROM position p
   CROSS JOIN ${messages(schema, '(m."seq", m."role") > (p."seq", p."role")', OLDEST_FIRST)}
   ORDER BY ${OLDEST_FIRST}
   LIMIT $5)`;

const UP_TO_POSITION = `
  (m."seq", m."role") <= (COALESCE(p."seq", ${MAX_SEQ}), COALESCE(p."role", 'ASSISTANT'))`;

/** The message with the id `$3`, else the person's message of the task `$3`; or the first one from the time `$4`. */
const position = (schema: string) => `
  SELECT m."id", m."seq", m."role"
  FROM segment g
  JOIN ${schema}."ConversationMessage" m
    ON m."sessionId" = $1 AND m."branch" = g."branch" AND m."seq" < g."before"
  WHERE m."id" = $3::uuid
    OR m."taskId" = $3::uuid
    OR (m."role" = 'USER' AND m."createdAt" >= $4::timestamptz)
  ORDER BY m."id" = $3::uuid DESC NULLS LAST, m."seq", m."role"
  LIMIT 1`;
