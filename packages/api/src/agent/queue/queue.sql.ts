import { isUnsentSql } from '../attachment/attachment.ts';
import { readableSql } from '../instance/access.ts';

/*
 * The queue of a session: the tasks that wait behind its first open one, in the order of their dispatches. No server
 * claims one of them (`IS_FIRST_OF_SESSION`), so that they can be changed.
 *
 * Statements of a change lock in the order of `writeEnd`: tasks, then the session, then dispatches. After that, no task
 * is created, ended, claimed or moved in this session until the commit.
 */

/** Finds the task $1 of the user $2 with the role $3, and its agent. */
export const FIND_TASK = (schema: string) => `
  SELECT t."sessionId", t."status", s."agentInstanceId" AS "instanceId"
  FROM ${schema}."AgentTask" t
  JOIN ${schema}."AgentSession" s ON s."id" = t."sessionId"
  WHERE t."id" = $1 AND t."ownerId" = $2 AND s."ownerId" = $2 AND ${readableSql(schema, '$2', '$3')}`;

/** Changes the message $2 of the task $1, unless it was submitted or is being canceled. */
export const CHANGE_MESSAGE = (schema: string) => `
  UPDATE ${schema}."AgentTask"
  SET "message" = $2
  WHERE "id" = $1 AND "status" = 'QUEUED' AND "cancelRequestedAt" IS NULL`;

export const LOCK_SESSION = (schema: string) => `
  SELECT "seq"
  FROM ${schema}."AgentSession"
  WHERE "id" = $1
  FOR NO KEY UPDATE`;

export const LOCK_DISPATCHES = `
  SELECT "taskId"
  FROM public."Dispatch"
  WHERE "tenantId" = $1 AND "sessionId" = $2
  ORDER BY "id"
  FOR UPDATE`;

export const DELETE_DISPATCHES = `
  DELETE FROM public."Dispatch"
  WHERE "tenantId" = $1 AND "taskId" = ANY($2)`;

/** Inserts the dispatches of the tasks $3 in their order. */
export const INSERT_DISPATCHES = `
  INSERT INTO public."Dispatch" ("tenantId", "sessionId", "taskId")
  SELECT $1, $2, "taskId"
  FROM unnest($3::uuid[]) WITH ORDINALITY queue("taskId", "position")
  ORDER BY "position"`;

/**
 * Moves the messages of the tasks $2, in their order, to the end of the session $1, and appends their events to its log
 * at the time $3. Returns the messages with their new `seq`.
 */
export const APPEND_MESSAGES = (schema: string) => `
  WITH session AS (
    UPDATE ${schema}."AgentSession"
    SET "seq" = "seq" + cardinality($2::uuid[])
    WHERE "id" = $1
    RETURNING "seq" - cardinality($2::uuid[]) AS "before"
  ), message AS (
    UPDATE ${schema}."ConversationMessage" m
    SET "seq" = session."before" + queue."position"
    FROM session, unnest($2::uuid[]) WITH ORDINALITY queue("taskId", "position")
    WHERE m."sessionId" = $1 AND m."taskId" = queue."taskId" AND m."role" = 'USER'
    RETURNING m."id", m."taskId", m."requestId", m."branch", m."parts", m."seq"
  ), event AS (
    INSERT INTO ${schema}."ChatEvent" ("sessionId", "seq", "taskId", "payload", "createdAt")
    SELECT $1, "seq", "taskId", ${MESSAGE_EVENT}, $3
    FROM message
  )
  SELECT "taskId", "seq", ${MESSAGE_EVENT} AS "event"
  FROM message
  ORDER BY "seq"`;

/** SQL expression: the event of the message, as `createTask` writes it but for `versionOf`, since its branch exists. */
const MESSAGE_EVENT = `jsonb_strip_nulls(jsonb_build_object(
  'type', 'message',
  'messageId', "id",
  'requestId', "requestId",
  'branch', NULLIF("branch", 0),
  'text', "parts"->0->>'text',
  'attachments', (
    SELECT jsonb_agg(part."value" - 'type' ORDER BY part."ordinality")
    FROM jsonb_array_elements("parts") WITH ORDINALITY part
    WHERE part."value"->>'type' = 'attachment')))`;

/** Replaces the text and files of the message of the task $2 in the session $1. */
export const CHANGE_PARTS = (schema: string) => `
  UPDATE ${schema}."ConversationMessage"
  SET "parts" = $3
  WHERE "sessionId" = $1 AND "taskId" = $2 AND "role" = 'USER'
  RETURNING "id"`;

/** Removes all files from the task $1 but $2. They are unsent again, for a day. */
export const DETACH_OTHERS = (schema: string) => `
  UPDATE ${schema}."Attachment"
  SET "taskId" = NULL, "sessionId" = NULL, "createdAt" = now()
  WHERE "taskId" = $1 AND "id" <> ALL($2)`;

/** Adds the unsent files $2 of the user $4 to the task $1 in the session $3. Returns all files of the task. */
export const ATTACH = (schema: string) => `
  UPDATE ${schema}."Attachment" a
  SET "taskId" = $1, "sessionId" = $3
  WHERE a."id" = ANY($2) AND a."ownerId" = $4 AND (a."taskId" = $1 OR ${isUnsentSql(schema)})
  RETURNING a."id", a."name", a."mediaType", a."size"`;
