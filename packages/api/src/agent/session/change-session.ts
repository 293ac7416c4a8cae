import { displayName } from '@it0/contracts/display-name';
import { Id } from '@it0/contracts/ids';
import { count } from '@it0/contracts/number';
import type { Prisma } from '@it0/db/generated/tenant/client';
import { quoteTenantSchema } from '@it0/db/sql';
import { z } from 'zod';
import type { UserContext } from '../../core.ts';
import type { AgentContext } from '../agent-services.ts';
import { ownedBy, readableSql } from '../instance/access.ts';
import { indexTitle } from '../search/search-index.ts';
import { requestCancel } from '../task/cancel-task.ts';
import { OPEN_STATUSES } from '../task/task.ts';
import { findSession, type Session } from './list-sessions.ts';
import { sessionNotFound } from './session.ts';

/** Input of `session.update`. Missing fields do not change. */
export const UpdateSession = z.object({
  sessionId: Id,
  title: displayName().optional(),
  pinned: z.boolean().optional(),
  archived: z.boolean().optional(),
});

/** Renames, pins or archives a session of the user. Throws SESSION_NOT_FOUND. */
export async function updateSession(
  ctx: UserContext,
  { sessionId, title, pinned, archived }: z.infer<typeof UpdateSession>,
): Promise<Session> {
  const now = new Date();
  const toTime = (isSet: boolean | undefined) => (isSet === undefined ? undefined : isSet ? now : null);
  const where = { id: sessionId, ...ownedBy(ctx.user), deletedAt: null };
  // An archived session is not pinned.
  const pinnedAt = archived ? null : toTime(pinned);
  const session = await writeSession(ctx, where, { title, pinnedAt, archivedAt: toTime(archived) });
  // A failure leaves the old title in the index, and no session without its entry.
  if (title !== undefined) await indexTitle(ctx.db.pool, { tenantId: ctx.user.tenantId, sessionId, at: now, title });
  return session;
}

/** Input of the procedures for one session. */
export const SessionInput = z.object({ sessionId: Id });

/**
 * Deletes a session of the user. It can be restored until the retention job removes it. Its open tasks are canceled.
 * Has no effect on a deleted session. Throws SESSION_NOT_FOUND.
 */
export async function deleteSession(ctx: AgentContext, sessionId: string): Promise<void> {
  const { tenantId } = ctx.user;
  const tenant = ctx.db.tenant(tenantId);
  const session = await tenant.agentSession.findUnique({
    where: { id: sessionId, ...ownedBy(ctx.user) },
    select: { tasks: { where: { status: { in: [...OPEN_STATUSES] } }, select: { id: true }, orderBy: { id: 'desc' } } },
  });
  if (!session) throw sessionNotFound();
  await tenant.agentSession.updateMany({ where: { id: sessionId, deletedAt: null }, data: { deletedAt: new Date() } });
  // The latest first, so that none starts when the one before it ends.
  for (const { id } of session.tasks) await requestCancel(ctx, { id });
  ctx.log.info({ tenantId, sessionId }, 'a session was deleted');
}

/** Restores a deleted session of the user. Throws SESSION_NOT_FOUND. */
export const restoreSession = (ctx: UserContext, sessionId: string): Promise<Session> =>
  writeSession(ctx, { id: sessionId, ...ownedBy(ctx.user) }, { deletedAt: null });

/** Input of `session.markRead`. */
export const MarkRead = z.object({
  sessionId: Id,
  seq: count().describe('The `seq` of the last event that the person has seen.'),
});

const MARK_READ = (schema: string) => `
  INSERT INTO ${schema}."SessionReader" AS r ("sessionId", "userId", "seq")
  SELECT s."id", $2, least($4::bigint, s."seq")
  FROM ${schema}."AgentSession" s
  WHERE s."id" = $1 AND ${readableSql(schema, '$2', '$3')}
  ON CONFLICT ("sessionId", "userId") DO UPDATE SET "seq" = greatest(r."seq", excluded."seq")`;

/** Records up to which event the user has read a session. Throws SESSION_NOT_FOUND. */
export async function markRead({ db, user }: UserContext, { sessionId, seq }: z.infer<typeof MarkRead>): Promise<void> {
  const values = [sessionId, user.id, user.role, seq];
  const { rowCount } = await db.pool.query(MARK_READ(quoteTenantSchema(user.tenantId)), values);
  if (rowCount === 0) throw sessionNotFound();
}

/** Changes a session that matches the condition, and returns it. Throws SESSION_NOT_FOUND. */
async function writeSession(
  ctx: UserContext,
  where: Prisma.AgentSessionWhereInput & { id: string },
  data: Prisma.AgentSessionUpdateInput,
): Promise<Session> {
  const { count: changed } = await ctx.db.tenant(ctx.user.tenantId).agentSession.updateMany({ where, data });
  const session = changed > 0 && (await findSession(ctx, where));
  if (!session) throw sessionNotFound();
  return session;
}
