import { createHash } from 'node:crypto';
import { approvalSubject } from '@it0/contracts/chat-event';
import type { Services } from '../../context.ts';
import { tenantTables } from '../task/event-log.ts';

type Place = { tenantId: string; instanceId: string };
type Asked = { command: string; cwd: string };

/**
 * Takes an approval of a command outside of the sandbox, once: whoever gets null may run this command in this folder, and
 * nobody else gets it for the same approval. Otherwise returns why not. The bridge that asks is believed nothing: only
 * what the database says was allowed for this instance, of a task that has not ended. Where the machine is that of several
 * tenants nothing runs: it would reach all of them.
 */
export async function startApproved(
  { db }: Pick<Services, 'db'>,
  { tenantId, instanceId }: Place,
  asked: Asked,
): Promise<string | null> {
  if ((await db.platform.organization.count()) > 1)
    return 'This machine serves several organizations, so no command runs outside of the sandbox here.';
  const subject = approvalSubject({ kind: 'exec-unsandboxed', ...asked });
  const digest = createHash('sha256').update(subject).digest('hex');
  const schema = tenantTables(tenantId);
  const { rowCount } = await db.pool.query(
    `UPDATE ${schema}."Approval" SET "startedAt" = now() WHERE "id" = (
       SELECT a."id" FROM ${schema}."Approval" a
       JOIN ${schema}."AgentTask" t ON t."id" = a."taskId" AND t."endedAt" IS NULL
       JOIN ${schema}."AgentSession" s ON s."id" = t."sessionId" AND s."agentInstanceId" = $1
       WHERE a."status" = 'ALLOWED' AND a."startedAt" IS NULL AND a."request"->>'digest' = $2
       ORDER BY a."createdAt" LIMIT 1 FOR UPDATE OF a SKIP LOCKED)`,
    [instanceId, digest],
  );
  return rowCount === 1 ? null : 'Nobody approved this command.';
}
