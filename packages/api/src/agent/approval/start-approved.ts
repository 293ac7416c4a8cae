import type { Database } from '@it0/db/database';
import { quoteTenantSchema } from '@it0/db/sql';
import { isStillAllowedSql } from './effective-decision.ts';
import { digestSubject } from './same-request.ts';

type InstanceKey = { tenantId: string; instanceId: string };
type Command = { approvalId: string; command: string; cwd: string };

const START = (schema: string) => `
  WITH machine AS (
    SELECT count(*) > 1 AS "isShared"
    FROM public."Organization"
  ), approval AS (
    SELECT a."id"
    FROM ${schema}."Approval" a
    JOIN machine ON NOT "isShared"
    JOIN ${schema}."AgentTask" t ON t."id" = a."taskId"
    JOIN ${schema}."AgentSession" s ON s."id" = t."sessionId"
    JOIN ${schema}."AgentInstance" i ON i."id" = s."agentInstanceId"
    WHERE i."id" = $1
      AND a."id" = $2
      AND a."request"->>'digest' = $3
      AND a."startedAt" IS NULL
      AND t."endedAt" IS NULL
      AND t."cancelRequestedAt" IS NULL
      AND ${isStillAllowedSql(schema, '$4')}
    FOR UPDATE OF a
  ), started AS (
    UPDATE ${schema}."Approval"
    SET "startedAt" = now()
    WHERE "id" = (SELECT "id" FROM approval)
    RETURNING "id"
  )
  SELECT "isShared", EXISTS (SELECT FROM started) AS "isStarted"
  FROM machine`;

/**
 * Uses up the approval of a command outside the sandbox. Returns null when the caller may run the command in this
 * folder, which happens once per approval, and otherwise the reason for the refusal. The claims of the bridge are not
 * trusted: the approval has to be in the database, of this command, for this instance and a task that has not ended or
 * been cancelled, from a user who has the right to allow it now. On a machine with several tenants everything is
 * refused, since a command could reach the data of all of them; one statement counts them and uses up the approval.
 */
export async function startApproved(
  db: Database,
  { tenantId, instanceId }: InstanceKey,
  { approvalId, ...command }: Command,
): Promise<string | null> {
  const digest = digestSubject({ kind: 'exec-unsandboxed', ...command });
  const { rows } = await db.pool.query<{ isShared: boolean; isStarted: boolean }>(START(quoteTenantSchema(tenantId)), [
    ...[instanceId, approvalId, digest, tenantId],
  ]);
  if (rows[0]!.isStarted) return null;
  return rows[0]!.isShared
    ? 'This machine serves several organizations, so commands cannot run outside the sandbox.'
    : 'This command was not approved.';
}
