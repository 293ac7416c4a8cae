import { isWithdrawnSql } from '../attachment/withdrawn-sql.ts';
import { toScopeSql } from '../draft/draft.sql.ts';
import { visibleSql } from '../instance/access.ts';

/*
 * Statements that create tasks, each with its session, message, events and dispatch. Their parameters are the tasks as
 * JSON, the time, and the tenant. They return a row for each task whose agent the user sees; its session is null when
 * the task was not created.
 */

/** Creates tasks without attachments. */
export const CREATE_TASKS = (schema: string) => `
  WITH request AS (${REQUEST}),
  candidate AS (${candidate(schema)}),
  accepted AS (${ACCEPTED}),
  ${createAccepted(schema)}
  SELECT ${RESULT}
  FROM candidate
  LEFT JOIN session USING ("position")`;

/** Creates tasks with and without attachments. Locks the attachments, and creates no task for which one is missing. */
export const CREATE_TASKS_WITH_ATTACHMENTS = (schema: string) => `
  WITH request AS (${REQUEST}),
  candidate AS (${candidate(schema)}),
  locked_attachment AS (${lockedAttachment(schema)}),
  free_attachment AS (${FREE_ATTACHMENT}),
  attachment_check AS (${ATTACHMENT_CHECK}),
  accepted AS (${ACCEPTED_WITH_ATTACHMENTS}),
  ${createAccepted(schema)},
  bound_attachment AS (${boundAttachment(schema)})
  SELECT ${RESULT}, attachment_check."hasAllAttachments"
  FROM candidate
  JOIN attachment_check USING ("position")
  LEFT JOIN session USING ("position")`;

/** Creates everything for the `accepted` tasks. */
const createAccepted = (schema: string) => `
  resumed_session AS (${resumedSession(schema)}),
  created_session AS (${createdSession(schema)}),
  session AS (${SESSION}),
  branch AS (${branch(schema)}),
  task AS (${task(schema)}),
  message AS (${message(schema)}),
  search_entry AS (${searchEntry(schema)}),
  event AS (${event(schema)}),
  dispatch AS (${DISPATCH}),
  sent_draft AS (${sentDraft(schema)})`;

const RESULT = `
  candidate."position", candidate."status" AS "agentStatus",
  session."id" AS "sessionId", session."seq", session."branch"`;

const REQUEST = `
  SELECT *
  FROM json_to_recordset($1) r(
    "position" int,
    "ownerId" uuid,
    "role" text,
    "instanceId" uuid,
    "sessionId" uuid,
    "newSessionId" uuid,
    "title" text,
    "taskId" uuid,
    "requestId" uuid,
    "message" text,
    "messageId" uuid,
    "terms" text[],
    "titleTerms" text[],
    "events" jsonb,
    "draftRevision" int,
    "attachmentIds" uuid[],
    "attachmentParts" jsonb,
    "toBranch" int,
    "fork" jsonb
  )`;

/** The tasks for agents that the user sees: instances, or iAgent. */
const candidate = (schema: string) => `
  SELECT r.*, i."status"::text, i."engineType"
  FROM request r
  JOIN ${schema}."AgentInstance" i
    ON i."id" = r."instanceId"
    AND ${visibleSql(schema, 'r."ownerId"', 'r."role"')}
  UNION ALL
  SELECT r.*, a."status"::text, a."engineType"
  FROM request r
  JOIN public."Assistant" a ON r."instanceId" IS NULL`;

const ACCEPTED = `
  SELECT *
  FROM candidate
  WHERE "status" = 'RUNNING'`;

const ACCEPTED_WITH_ATTACHMENTS = `
  SELECT candidate.*
  FROM candidate
  JOIN attachment_check USING ("position")
  WHERE candidate."status" = 'RUNNING'
    AND attachment_check."hasAllAttachments"`;

const lockedAttachment = (schema: string) => `
  SELECT a."id", candidate."position"
  FROM ${schema}."Attachment" a
  JOIN candidate ON a."id" = ANY(candidate."attachmentIds")
  WHERE a."ownerId" = candidate."ownerId"
    AND (a."taskId" IS NULL OR ${isWithdrawnSql(schema)})
  FOR UPDATE OF a`;

/** When two tasks name the same attachment, the first one gets it. */
const FREE_ATTACHMENT = `
  SELECT DISTINCT ON ("id") "id", "position"
  FROM locked_attachment
  ORDER BY "id", "position"`;

const ATTACHMENT_CHECK = `
  SELECT c."position",
    count(f."id") = coalesce(max(cardinality(c."attachmentIds")), 0) AS "hasAllAttachments"
  FROM candidate c
  LEFT JOIN free_attachment f USING ("position")
  GROUP BY c."position"`;

const resumedSession = (schema: string) => `
  UPDATE ${schema}."AgentSession" s
  SET "seq" = s."seq" + 2, "lastActiveAt" = $2, "archivedAt" = NULL,
    "branch" = CASE
      WHEN a."fork" IS NULL THEN COALESCE(a."toBranch", s."branch")
      ELSE s."branchCount" + 1
    END,
    "branchCount" = s."branchCount" + (a."fork" IS NOT NULL)::int
  FROM accepted a
  WHERE s."id" = a."sessionId"
    AND s."deletedAt" IS NULL
    AND s."ownerId" = a."ownerId"
    AND s."agentInstanceId" IS NOT DISTINCT FROM a."instanceId"
    AND COALESCE(a."toBranch", 0) <= s."branchCount"
  RETURNING a."position", s."id", s."seq", s."branch"`;

const createdSession = (schema: string) => `
  INSERT INTO ${schema}."AgentSession"
    ("id", "ownerId", "agentInstanceId", "engineType", "title", "seq", "createdAt", "lastActiveAt")
  SELECT "newSessionId", "ownerId", "instanceId", "engineType", "title", 2, $2, $2
  FROM accepted
  WHERE "sessionId" IS NULL
  RETURNING "id", "seq", "branch"`;

const SESSION = `
  SELECT a.*, r."id", r."seq", r."branch"
  FROM accepted a
  JOIN resumed_session r USING ("position")
  UNION ALL
  SELECT a.*, c."id", c."seq", c."branch"
  FROM accepted a
  JOIN created_session c ON c."id" = a."newSessionId"`;

/** Only for messages that are another version of an earlier one. */
const branch = (schema: string) => `
  INSERT INTO ${schema}."SessionBranch"
    ("sessionId", "number", "taskId", "originalTaskId", "path", "createdAt")
  SELECT "id", "branch", "taskId", ("fork"->>'originalTaskId')::uuid, "fork"->'path', $2
  FROM session
  WHERE "fork" IS NOT NULL`;

const task = (schema: string) => `
  INSERT INTO ${schema}."AgentTask"
    ("id", "sessionId", "ownerId", "requestId", "branch", "message", "createdAt")
  SELECT "taskId", "id", "ownerId", "requestId", "branch", "message", $2
  FROM session`;

const message = (schema: string) => `
  INSERT INTO ${schema}."ConversationMessage"
    ("id", "sessionId", "taskId", "requestId", "role", "parts", "seq", "branch", "createdAt")
  SELECT "messageId", "id", "taskId", "requestId", 'USER',
    jsonb_build_array(jsonb_build_object('type', 'text', 'text', "message"))
      || coalesce("attachmentParts", '[]'),
    "seq" - 1, "branch", $2
  FROM session`;

const searchEntry = (schema: string) => `
  INSERT INTO ${schema}."SearchEntry" ("id", "sessionId", "at", "terms")
  SELECT "messageId", "id", $2, array_to_tsvector("terms")
  FROM session
  UNION ALL
  SELECT "newSessionId", "newSessionId", $2, array_to_tsvector("titleTerms")
  FROM accepted
  WHERE "sessionId" IS NULL`;

const event = (schema: string) => `
  INSERT INTO ${schema}."ChatEvent" ("sessionId", "seq", "taskId", "payload", "createdAt")
  SELECT session."id", session."seq" - 2 + e."ordinality", session."taskId",
    CASE
      WHEN session."branch" > 0 AND e."value"->>'type' = 'message'
      THEN e."value" || jsonb_build_object('branch', session."branch")
      ELSE e."value"
    END, $2
  FROM session, jsonb_array_elements(session."events") WITH ORDINALITY e`;

const DISPATCH = `
  INSERT INTO public."Dispatch" ("tenantId", "sessionId", "taskId")
  SELECT $3, "id", "taskId"
  FROM session`;

/** Empties the draft that was sent, unless another text was saved meanwhile. */
const sentDraft = (schema: string) => `
  UPDATE ${schema}."Draft" d
  SET "text" = '', "attachmentIds" = '{}', "revision" = d."revision" + 1, "updatedAt" = $2
  FROM session
  WHERE d."ownerId" = session."ownerId"
    AND d."scopeId" = ${toScopeSql('session."sessionId"', 'session."instanceId"')}
    AND d."revision" = session."draftRevision"`;

const boundAttachment = (schema: string) => `
  UPDATE ${schema}."Attachment" a
  SET "taskId" = session."taskId", "sessionId" = session."id"
  FROM free_attachment f
  JOIN session USING ("position")
  WHERE a."id" = f."id"`;
