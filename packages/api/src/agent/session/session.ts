import { Id } from '@it0/contracts/ids';
import type { Prisma } from '@it0/db/generated/tenant/client';
import { z } from 'zod';
import { lookupNames } from '../../auth/member/names.ts';
import type { UserContext } from '../../core.ts';
import { AppError } from '../../errors.ts';
import { readableBy } from '../instance/access.ts';
import { requireInstance } from '../instance/instance.ts';
import { OPEN_STATUSES } from '../task/task.ts';
import { followsCursor, formatCursor, LATEST_FIRST, SessionCursor } from './cursor.ts';

const Page = z.object({
  cursor: SessionCursor.optional().describe('The `nextCursor` of the previous page.'),
  limit: z.int().min(1).max(100).default(30),
});
/** Input of `instance.sessions`. */
export const ListSessions = Page.extend({ instanceId: Id });
/** Input of `assistant.sessions`. */
export const ListAssistantSessions = Page;
/** Input of `listReadableSessions`: a page of all sessions or of those with one instance. */
export const ListReadableSessions = Page.extend({ instanceId: Id.optional() });

/** A session as the caller sees it. */
export const Session = z
  .object({
    id: Id,
    instanceId: Id.nullable().describe('Null for a session with iAgent.'),
    title: z.string(),
    mine: z.boolean().describe('Whether the caller owns the session. Other sessions are read-only.'),
    ownerName: z.string(),
    createdAt: z.iso.datetime(),
    lastActiveAt: z.iso.datetime(),
    running: z.boolean().describe('Whether the session has a task that has not ended.'),
    pendingApprovals: z.int(),
  })
  .meta({ id: 'Session', description: 'A conversation with an agent.' });

/** A page of a list of sessions. */
export const SessionPage = z
  .object({
    items: z.array(Session),
    nextCursor: z.string().nullable().describe('Cursor of the next page; null on the last one.'),
  })
  .meta({ id: 'SessionPage' });
export type SessionPage = z.infer<typeof SessionPage>;

/** Lists the sessions of all users with an instance, most recently active first. Throws INSTANCE_NOT_FOUND. */
export async function listSessions(
  ctx: UserContext,
  { instanceId, ...page }: z.infer<typeof ListSessions>,
): Promise<SessionPage> {
  await requireInstance(ctx, instanceId);
  return findSessions(ctx, { agentInstanceId: instanceId }, page);
}

/** Lists the user's own sessions with iAgent, most recently active first. */
export const listAssistantSessions = (ctx: UserContext, page: z.infer<typeof Page>): Promise<SessionPage> =>
  findSessions(ctx, { agentInstanceId: null, ownerId: ctx.user.id }, page);

/** Lists the sessions that the user may read, or those of them with one instance, most recently active first. */
export const listReadableSessions = (
  ctx: UserContext,
  { instanceId: agentInstanceId, ...page }: z.infer<typeof ListReadableSessions>,
): Promise<SessionPage> => findSessions(ctx, { ...readableBy(ctx.user), agentInstanceId }, page);

async function findSessions(
  ctx: UserContext,
  where: Prisma.AgentSessionWhereInput,
  { cursor, limit }: z.infer<typeof Page>,
): Promise<SessionPage> {
  const sessions = await ctx.db.tenant(ctx.user.tenantId).agentSession.findMany({
    where: cursor ? { AND: [where, followsCursor(cursor)] } : where,
    orderBy: LATEST_FIRST,
    take: limit + 1,
    select: {
      id: true,
      ownerId: true,
      agentInstanceId: true,
      title: true,
      createdAt: true,
      lastActiveAt: true,
      tasks: { where: { status: { in: [...OPEN_STATUSES] } }, select: { status: true } },
    },
  });
  const names = await lookupNames(
    ctx,
    sessions.map(({ ownerId }) => ownerId),
  );
  const items = sessions.slice(0, limit).map(({ tasks, ownerId, agentInstanceId, ...session }) => ({
    ...session,
    instanceId: agentInstanceId,
    mine: ownerId === ctx.user.id,
    ownerName: names(ownerId),
    createdAt: session.createdAt.toISOString(),
    lastActiveAt: session.lastActiveAt.toISOString(),
    running: tasks.length > 0,
    pendingApprovals: tasks.filter((task) => task.status === 'WAITING_APPROVAL').length,
  }));
  const last = sessions.length > limit ? sessions[limit - 1] : undefined;
  return { items, nextCursor: last ? formatCursor(last) : null };
}

export const sessionNotFound = () => new AppError('SESSION_NOT_FOUND', 'Session not found.');
