/** Greater than every `seq`, also as a number of JSON. */
export const MAX_SEQ = String(Number.MAX_SAFE_INTEGER);

/** Returns a query for the parts of the conversation of the branch `branch` of the session `session`, as SQL expressions. */
export const segmentSql = (
  schema: string,
  { session, branch, from }: { session: string; branch: string; from: string },
) => `
  SELECT ${branch} AS "branch", ${MAX_SEQ}::bigint AS "before"
  FROM ${from}
  UNION ALL
  SELECT part."branch", part."before"
  FROM ${from}
  JOIN ${schema}."SessionBranch" b ON b."sessionId" = ${session} AND b."number" = ${branch},
    jsonb_to_recordset(b."path") part("branch" int, "before" bigint)`;

/**
 * Finds the branch that shows the message or task $2 of the session $1: the selected one if it has the message, else
 * the one of those that have it with the latest message. Reads no messages of a session without branches.
 */
export const FIND_BRANCH = (schema: string) => `
  WITH message AS (
    SELECT "branch", "seq"
    FROM ${schema}."ConversationMessage"
    WHERE "sessionId" = $1
      AND ("id" = $2 OR "taskId" = $2)
      AND EXISTS (SELECT FROM ${schema}."SessionBranch" b WHERE b."sessionId" = $1)
    ORDER BY "seq"
    LIMIT 1
  ), candidate AS (
    SELECT "branch" FROM message
    UNION ALL
    SELECT b."number"
    FROM message
    JOIN ${schema}."SessionBranch" b ON b."sessionId" = $1
    WHERE EXISTS (
      SELECT FROM jsonb_to_recordset(b."path") part("branch" int, "before" bigint)
      WHERE part."branch" = message."branch" AND part."before" > message."seq"
    )
  )
  SELECT c."branch"
  FROM candidate c
  JOIN ${schema}."AgentSession" s ON s."id" = $1
  ORDER BY c."branch" = s."branch" DESC, (
    SELECT m."seq"
    FROM ${schema}."ConversationMessage" m
    WHERE m."sessionId" = $1 AND m."branch" = c."branch"
    ORDER BY m."seq" DESC
    LIMIT 1
  ) DESC
  LIMIT 1`;
