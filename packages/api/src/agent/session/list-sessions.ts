import { Id } from '@it0/contracts/ids';
import type { Prisma } from '@it0/db/generated/tenant/client';
import { z } from 'zod';
import { lookupNames } from '../../auth/member/names.ts';
import type { UserContext } from '../../core.ts';
import { readableBy } from '../instance/access.ts';
import { requireInstance } from '../instance/instance.ts';
import { OPEN_STATUSES } from '../task/task.ts';
import { followsCursor, formatCursor, LATEST_FIRST, SessionCursor } from './cursor.ts';

/** List of sessions. Deleted ones are listed for their owner, while they can be restored. */
export const SessionList = z.enum(['active', 'archived', 'deleted']).meta({ id: 'SessionList' });
type SessionList = z.infer<typeof SessionList>;

const Page = z.object({
  cursor: SessionCursor.optional().describe('The `nextCursor` of the previous page.'),
  limit: z.int().min(1).max(100).default(30),
});
const ListPage = Page.extend({ list: SessionList.default('active') });
/** Input of `instance.sessions`. */
export const ListSessions = ListPage.extend({ instanceId: Id });
/** Input of `assistant.sessions`. */
export const ListAssistantSessions = ListPage;
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
    pinned: z.boolean().describe('Whether the caller has pinned the session, which is their own.'),
    archived: z.boolean(),
    unread: z.boolean().describe('Whether the caller has opened the session, and not read its last events.'),
    deletedAt: z.iso.datetime().nullable().describe('When its owner deleted it; it is removed some days later.'),
  })
  .meta({ id: 'Session', description: 'A conversation with an agent.' });
export type Session = z.infer<typeof Session>;

/** A page of a list of sessions. */
export const SessionPage = z
  .object({
    items: z.array(Session).describe('The first page has the pinned sessions in addition, before all others.'),
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
  return findPage(ctx, { agentInstanceId: instanceId }, page);
}

/** Lists the user's own sessions with iAgent, most recently active first. */
export const listAssistantSessions = (ctx: UserContext, page: z.infer<typeof ListPage>): Promise<SessionPage> =>
  findPage(ctx, { agentInstanceId: null, ownerId: ctx.user.id }, page);

/** Lists the sessions that the user may read, or those of them with one instance, most recently active first. */
export const listReadableSessions = (
  ctx: UserContext,
  { instanceId: agentInstanceId, ...page }: z.infer<typeof ListReadableSessions>,
): Promise<SessionPage> => findSessions(ctx, { ...readableBy(ctx.user), agentInstanceId }, page);

/** Sessions of a person that are pinned in a list. There are few, so that they all are on its first page. */
const MAX_PINNED = 100;

async function findPage(
  ctx: UserContext,
  where: Prisma.AgentSessionWhereInput,
  { list, ...page }: z.infer<typeof ListPage>,
): Promise<SessionPage> {
  const { id: userId } = ctx.user;
  const listed = { AND: [where, inList(list, userId)] };
  if (list !== 'active') return findSessions(ctx, listed, page);
  const pinned = { ownerId: userId, pinnedAt: { not: null } };
  const [top, rest] = await Promise.all([
    page.cursor ? undefined : findSessions(ctx, { AND: [listed, pinned] }, { limit: MAX_PINNED }),
    findSessions(ctx, { AND: [listed, { NOT: pinned }] }, page),
  ]);
  return { ...rest, items: [...(top?.items ?? []), ...rest.items] };
}

const inList = (list: SessionList, userId: string): Prisma.AgentSessionWhereInput =>
  list === 'deleted'
    ? { deletedAt: { not: null }, ownerId: userId }
    : { deletedAt: null, archivedAt: list === 'archived' ? { not: null } : null };

/** Finds a session of any list by a condition. */
export const findSession = async (ctx: UserContext, where: Prisma.AgentSessionWhereInput) =>
  (await findSessions(ctx, where, { limit: 1 })).items[0];

async function findSessions(
  ctx: UserContext,
  where: Prisma.AgentSessionWhereInput,
  { cursor, limit }: z.infer<typeof Page>,
): Promise<SessionPage> {
  const { id: userId } = ctx.user;
  const sessions = await ctx.db.tenant(ctx.user.tenantId).agentSession.findMany({
    where: cursor ? { AND: [where, followsCursor(cursor)] } : where,
    orderBy: LATEST_FIRST,
    take: limit + 1,
    select: {
      ...{ id: true, ownerId: true, agentInstanceId: true, title: true, seq: true },
      ...{ createdAt: true, lastActiveAt: true, pinnedAt: true, archivedAt: true, deletedAt: true },
      tasks: { where: { status: { in: [...OPEN_STATUSES] } }, select: { status: true } },
      readers: { where: { userId }, select: { seq: true } },
    } satisfies Prisma.AgentSessionSelect,
  });
  const names = await lookupNames(
    ctx,
    sessions.map(({ ownerId }) => ownerId),
  );
  const items = sessions.slice(0, limit).map((session): Session => {
    const { id, title, ownerId, tasks, readers } = session;
    const mine = ownerId === userId;
    return {
      ...{ id, title, mine, instanceId: session.agentInstanceId, ownerName: names(ownerId) },
      createdAt: session.createdAt.toISOString(),
      lastActiveAt: session.lastActiveAt.toISOString(),
      running: tasks.length > 0,
      pendingApprovals: tasks.filter((task) => task.status === 'WAITING_APPROVAL').length,
      pinned: mine && session.pinnedAt !== null,
      archived: session.archivedAt !== null,
      unread: readers.some(({ seq }) => seq < session.seq),
      deletedAt: session.deletedAt?.toISOString() ?? null,
    };
  });
  const last = sessions.length > limit ? sessions[limit - 1] : undefined;
  return { items, nextCursor: last ? formatCursor(last) : null };
}
