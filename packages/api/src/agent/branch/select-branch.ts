import { toSessionChannel } from '@it0/bus/bus';
import { Id } from '@it0/contracts/ids';
import { quoteTenantSchema } from '@it0/db/sql';
import { z } from 'zod';
import type { AgentContext } from '../agent-services.ts';
import { ownedBy } from '../instance/access.ts';
import { sessionNotFound } from '../session/session.ts';
import { toDurableEvent } from '../task/event-log.ts';
import { findBranch } from './find-branch.ts';

/** Input of `session.selectBranch`. */
export const SelectBranch = z.object({
  sessionId: Id,
  taskId: Id.describe('The task of a message. Its branch is selected, or the latest of those that continue from it.'),
});

/** The branch that is selected. */
export const SelectedBranch = z.object({ branch: z.int() }).meta({ id: 'SelectedBranch' });

const SELECT_BRANCH = (schema: string) => `
  WITH session AS (
    UPDATE ${schema}."AgentSession"
    SET "seq" = "seq" + 1, "branch" = $2
    WHERE "id" = $1 AND "deletedAt" IS NULL AND "branch" <> $2
    RETURNING "seq"
  ), event AS (
    INSERT INTO ${schema}."ChatEvent" ("sessionId", "seq", "taskId", "payload", "createdAt")
    SELECT $1, "seq", $3, $4::jsonb, $5
    FROM session
  )
  SELECT "seq" FROM session`;

/**
 * Selects the branch of a session of the user in which a message is: it is shown first from then on, and on all screens
 * that show the one selected before. Tasks of other branches continue. Throws SESSION_NOT_FOUND.
 */
export async function selectBranch(
  ctx: AgentContext,
  { sessionId, taskId }: z.infer<typeof SelectBranch>,
): Promise<z.infer<typeof SelectedBranch>> {
  const { tenantId } = ctx.user;
  const task = await ctx.db.tenant(tenantId).agentTask.findFirst({
    where: { id: taskId, sessionId, session: { ...ownedBy(ctx.user), deletedAt: null } },
    select: { id: true },
  });
  if (!task) throw sessionNotFound();
  const branch = (await findBranch(ctx, { sessionId, id: taskId })) ?? 0;
  const at = new Date();
  const event = { type: 'branch', branch } as const;
  const { rows } = await ctx.db.pool.query<{ seq: string }>(SELECT_BRANCH(quoteTenantSchema(tenantId)), [
    ...[sessionId, branch, taskId],
    ...[JSON.stringify(event), at.toISOString()],
  ]);
  const seq = rows[0] && Number(rows[0].seq);
  if (seq) ctx.bus.publish(toSessionChannel(tenantId, sessionId), [toDurableEvent(event, { seq, at, taskId })]);
  return { branch };
}
