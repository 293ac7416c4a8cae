import { createHash } from 'node:crypto';
import { approvalSubject } from '@it0/contracts/chat-event';
import type { Services } from '../../context.ts';
import { tenantTables } from '../task/event-log.ts';
import { isAllowedNowSql } from './decision-in-force.ts';

type Place = { tenantId: string; instanceId: string };
type Command = { command: string; cwd: string };

const START = (schema: string) => `
  UPDATE ${schema}."Approval" SET "startedAt" = now() WHERE "id" = (
    SELECT a."id" FROM ${schema}."Approval" a
    JOIN ${schema}."AgentTask" t ON t."id" = a."taskId" AND t."endedAt" IS NULL
    JOIN ${schema}."AgentSession" s ON s."id" = t."sessionId" AND s."agentInstanceId" = $1
    JOIN ${schema}."AgentInstance" i ON i."id" = $1
    WHERE a."startedAt" IS NULL AND a."request"->>'digest' = $2 AND ${isAllowedNowSql(schema, '$3')}
    ORDER BY a."createdAt" LIMIT 1 FOR UPDATE OF a SKIP LOCKED)`;

/**
 * Uses up the approval of a command outside the sandbox. Returns null when the caller may run the command in this
 * folder, which happens once per approval, and otherwise the reason for the refusal. The claims of the bridge are not
 * trusted: the approval has to be in the database, for this instance and a task that has not ended, from somebody who
 * has the right to allow it now. On a machine with several tenants everything is refused, since a command could reach
 * the data of all of them.
 */
export async function startApproved(
  { db }: Pick<Services, 'db'>,
  { tenantId, instanceId }: Place,
  command: Command,
): Promise<string | null> {
  if ((await db.platform.organization.count()) > 1)
    return 'This machine serves several organizations, so no command runs outside of the sandbox here.';
  const subject = approvalSubject({ kind: 'exec-unsandboxed', ...command });
  const digest = createHash('sha256').update(subject).digest('hex');
  const { rowCount } = await db.pool.query(START(tenantTables(tenantId)), [instanceId, digest, tenantId]);
  return rowCount === 1 ? null : 'Nobody approved this command.';
}
