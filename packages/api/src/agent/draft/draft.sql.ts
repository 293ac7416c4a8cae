import { readableSql, visibleSql } from '../instance/access.ts';

// Parameters of all statements: $1 user, $2 role of the user, $3 session, $4 instance.

/** Time for which the files of a draft are stored after it was saved. */
export const DRAFT_FILES_DAYS = 7;

/** SQL expression: the id of the scope of the new session with iAgent. */
const ASSISTANT_SCOPE = `'00000000-0000-0000-0000-000000000000'::uuid`;

/** Returns an SQL expression: the id of the scope of a session, or of a new session with an agent. */
export const toScopeSql = (sessionId: string, instanceId: string) =>
  `COALESCE(${sessionId}, ${instanceId}, ${ASSISTANT_SCOPE})`;

/** Returns an SQL condition: the unsent attachment `a` belongs to a draft of its owner, for some days after the last save. */
export const isInDraftSql = (schema: string, { graceHours = 0 } = {}) => `EXISTS (
  SELECT FROM ${schema}."Draft" d
  WHERE d."ownerId" = a."ownerId"
    AND d."updatedAt" > now() - interval '${DRAFT_FILES_DAYS} days ${graceHours} hours'
    AND a."id" = ANY(d."attachmentIds"))`;

/** Returns an SQL expression: the draft `d` as JSON. */
export const toDraftSql = (schema: string) => `json_build_object(
  'text', d."text",
  'revision', d."revision",
  'attachments', (
    SELECT coalesce(json_agg(${ATTACHMENT} ORDER BY array_position(d."attachmentIds", a."id")), '[]')
    FROM ${schema}."Attachment" a
    WHERE a."id" = ANY(d."attachmentIds")
      AND a."ownerId" = d."ownerId"
      AND a."taskId" IS NULL
      AND d."updatedAt" > now() - interval '${DRAFT_FILES_DAYS} days'))`;

const ATTACHMENT = `json_build_object('id', a."id", 'name', a."name", 'mediaType', a."mediaType", 'size', a."size")`;

/** The session of the user, or the agent whose new session it is. */
const scope = (schema: string) => `
  SELECT s."id", s."id" AS "sessionId", NULL::uuid AS "instanceId"
  FROM ${schema}."AgentSession" s
  WHERE s."id" = $3::uuid AND s."ownerId" = $1 AND ${readableSql(schema, '$1', '$2')}
  UNION ALL
  SELECT i."id", NULL, i."id"
  FROM ${schema}."AgentInstance" i
  WHERE $3::uuid IS NULL AND i."id" = $4::uuid AND ${visibleSql(schema, '$1', '$2')}
  UNION ALL
  SELECT ${ASSISTANT_SCOPE}, NULL, NULL
  WHERE $3::uuid IS NULL AND $4::uuid IS NULL`;

/** Reads the draft of a scope. Returns no row when the user has no such scope. */
export const READ_DRAFT = (schema: string) => `
  WITH scope AS (${scope(schema)})
  SELECT (
    SELECT ${toDraftSql(schema)}
    FROM ${schema}."Draft" d
    WHERE d."ownerId" = $1 AND d."scopeId" = scope."id"
  ) AS "draft"
  FROM scope`;

/**
 * SQL expression: the seconds since 2026, which fit into an integer. A draft is saved less than once a second, so that
 * this is greater than any revision of a row that was deleted.
 */
const SECONDS = `extract(epoch FROM clock_timestamp() - timestamptz '2026-01-01Z')::int`;

/**
 * Saves the text $5 and the attachments $6, unless the stored revision is not $7: `revision` is null then. Returns no
 * row when the user has no such scope.
 */
export const SAVE_DRAFT = (schema: string) => `
  WITH scope AS (${scope(schema)}),
  saved AS (
    INSERT INTO ${schema}."Draft" AS d
      ("ownerId", "scopeId", "sessionId", "instanceId", "text", "attachmentIds", "revision", "updatedAt")
    SELECT $1, "id", "sessionId", "instanceId", $5, $6, ${SECONDS}, now()
    FROM scope
    ON CONFLICT ("ownerId", "scopeId") DO UPDATE
    SET "text" = excluded."text",
      "attachmentIds" = excluded."attachmentIds",
      "revision" = greatest(d."revision" + 1, excluded."revision"),
      "updatedAt" = now()
    WHERE d."revision" = $7::int
    RETURNING "revision", xmax = 0 AS "isNew"
  )
  SELECT saved."revision", saved."isNew"
  FROM scope
  LEFT JOIN saved ON true`;

/** Deletes the oldest drafts of the user $1 beyond the number $2. */
export const DELETE_OLDEST_DRAFTS = (schema: string) => `
  DELETE FROM ${schema}."Draft"
  WHERE "ownerId" = $1
    AND "scopeId" IN (
      SELECT "scopeId"
      FROM ${schema}."Draft"
      WHERE "ownerId" = $1
      ORDER BY "updatedAt" DESC
      OFFSET $2)`;
