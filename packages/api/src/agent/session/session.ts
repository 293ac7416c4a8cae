import { Id } from '@it0/contracts/ids';
import { Message, Reply } from '@it0/contracts/message';
import { createReply, reduceReply } from '@it0/contracts/reply';
import type { Prisma } from '@it0/db/generated/tenant/client';
import { z } from 'zod';
import { lookupNames } from '../../auth/member/names.ts';
import type { UserContext } from '../../context.ts';
import { AppError } from '../../errors.ts';
import { readableBy, readableSql } from '../instance/access.ts';
import { requireInstance } from '../instance/instance.ts';
import { tenantTables, toDurableEvent } from '../task/event-log.ts';
import { type NewEvent, openStatuses } from '../task/task.ts';
import { followsCursor, formatCursor, latestFirst, SessionCursor } from './cursor.ts';

const Page = z.object({
  cursor: SessionCursor.optional().describe('An earlier page’s `nextCursor`.'),
  limit: z.int().min(1).max(100).default(30),
});
export const ListSessions = Page.extend({ instanceId: Id });
export const ListAssistantSessions = Page;
export const ListReadableSessions = Page.extend({ instanceId: Id.optional() });

export const Session = z
  .object({
    id: Id,
    instanceId: Id.nullable().describe('Null for iAgent’s.'),
    title: z.string(),
    mine: z.boolean().describe('The asker’s own; the others are for reading.'),
    ownerName: z.string(),
    createdAt: z.iso.datetime(),
    lastActiveAt: z.iso.datetime(),
    running: z.boolean().describe('A task of it is not over.'),
    pendingApprovals: z.int(),
  })
  .meta({ id: 'Session', description: 'One conversation.' });

export const SessionPage = z
  .object({ items: z.array(Session), nextCursor: z.string().nullable().describe('For the page after this one.') })
  .meta({ id: 'SessionPage' });
export type SessionPage = z.infer<typeof SessionPage>;

/** The conversations with one instance, the latest first: everybody's who talks to it. */
export async function listSessions(
  ctx: UserContext,
  { instanceId, ...page }: z.infer<typeof ListSessions>,
): Promise<SessionPage> {
  await requireInstance(ctx, instanceId);
  return findSessions(ctx, { agentInstanceId: instanceId }, page);
}

/** The user's own conversations with iAgent, the latest first. */
export const listAssistantSessions = (ctx: UserContext, page: z.infer<typeof Page>): Promise<SessionPage> =>
  findSessions(ctx, { agentInstanceId: null, ownerId: ctx.user.id }, page);

/** All conversations that the user may read, or those with one instance, the latest first. */
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
    orderBy: latestFirst,
    take: limit + 1,
    select: {
      id: true,
      ownerId: true,
      agentInstanceId: true,
      title: true,
      createdAt: true,
      lastActiveAt: true,
      tasks: { where: { status: { in: [...openStatuses] } }, select: { status: true } },
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

export const sessionNotFound = () => new AppError('SESSION_NOT_FOUND', 'There is no such conversation.');

export const ListMessages = z.object({
  sessionId: Id,
  cursor: z
    .string()
    .regex(/^\d{1,18}[qa]$/i)
    .optional()
    .describe('An earlier page’s `nextCursor`.'),
  limit: z.int().min(1).max(200).default(50),
});

export const History = z
  .object({
    instanceId: Id.nullable().describe('Whose conversation it is; null for iAgent’s.'),
    mine: z.boolean().describe('Whether the asker may write in it; others’ conversations are for reading.'),
    messages: z.array(Message).describe('The page’s messages, oldest first.'),
    replies: z.array(Reply).describe('The replies of the tasks that are not over, in their order, as far as they are.'),
    seq: z.int().describe('The last event that all of this contains: live events follow on it.'),
    nextCursor: z.string().nullable().describe('For the page before this one.'),
  })
  .meta({ id: 'History', description: 'A page of a conversation.' });
export type History = z.infer<typeof History>;

/** Written out, an index finds them, and the plan is made once. */
const RUNNING = openStatuses.map((status) => `'${status}'`).join(', ');

const HISTORY = (schema: string) => `
  SELECT m."id", m."role", m."taskId", m."requestId", m."parts", m."status", m."reason", m."detail", m."late", m."seq",
    -- As clients get it: a date would only be made to be written out again.
    to_char(m."createdAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "createdAt",
    -- What is the same in every row is sent with the first.
    CASE WHEN row_number() OVER () = 1 THEN json_build_object(
      'upTo', s."seq", 'instanceId', s."agentInstanceId", 'ownerId', s."ownerId",
      'tasks', (SELECT json_agg(t) FROM (
        SELECT "id", "text" FROM ${schema}."AgentTask"
        WHERE "sessionId" = $1 AND "status" IN (${RUNNING}) ORDER BY "id") t),
      'events', (SELECT json_agg(e) FROM (
        SELECT e."seq", e."taskId", e."payload", e."createdAt" FROM ${schema}."ChatEvent" e
        JOIN ${schema}."AgentTask" t ON t."id" = e."taskId"
        WHERE t."sessionId" = $1 AND t."status" IN (${RUNNING}) ORDER BY e."seq") e)) END AS "session"
  FROM ${schema}."AgentSession" s LEFT JOIN LATERAL (
    SELECT * FROM ${schema}."ConversationMessage"
    WHERE "sessionId" = $1 AND ($3::bigint IS NULL OR "seq" < $3 OR ("seq" = $3 AND "role" = 'USER' AND $4))
    ORDER BY "seq" DESC, "role" DESC LIMIT $5) m ON true
  WHERE s."id" = $1 AND ${readableSql(schema, '$2', '$6')}`;

type SessionFacts = {
  upTo: number;
  instanceId: string | null;
  ownerId: string;
  tasks: { id: string; text: string }[] | null;
  events: { seq: number; taskId: string; payload: NewEvent; createdAt: string }[] | null;
};
type MessageRow = Omit<Message, 'role'> & { role: 'USER' | 'ASSISTANT'; seq: string };
type HistoryRow = { session: SessionFacts | null } & (MessageRow | { id: null });

/** A page of a conversation, with the `seq` it is true at: one statement, so nothing can come between its parts. */
export async function listMessages(ctx: UserContext, input: z.infer<typeof ListMessages>): Promise<History> {
  const { tenantId, id: userId, role } = ctx.user;
  const [seq, answered] = input.cursor ? [input.cursor.slice(0, -1), /a$/i.test(input.cursor)] : [null, false];
  const { rows } = await ctx.db.pool.query<HistoryRow>({
    name: `history:${tenantId}`,
    text: HISTORY(tenantTables(tenantId)),
    values: [input.sessionId, userId, seq, answered, input.limit + 1, role],
  });
  const session = rows[0]?.session;
  if (!session) throw sessionNotFound();

  const found = rows.filter((row) => row.id !== null);
  const page = found.slice(0, input.limit).reverse();
  const oldest = page[0];
  return {
    instanceId: session.instanceId,
    mine: session.ownerId === userId,
    messages: page.map(messageOf),
    replies: (session.tasks ?? []).map((task) => ({
      ...(session.events ?? [])
        .filter((event) => event.taskId === task.id)
        .map((event) => toDurableEvent(event.payload, { ...event, at: new Date(event.createdAt) }))
        .reduce(reduceReply, createReply(task.id)),
      text: ctx.live.textOf({ tenantId: ctx.user.tenantId, taskId: task.id, text: task.text }),
    })),
    seq: session.upTo,
    nextCursor: found.length > input.limit && oldest ? `${oldest.seq}${oldest.role === 'ASSISTANT' ? 'a' : 'q'}` : null,
  };
}

const messageOf = (row: MessageRow): Message => {
  const { id, role, taskId, requestId, parts, status, reason, detail, late, createdAt } = row;
  const isUser = role === 'USER';
  return { id, role: isUser ? 'user' : 'assistant', taskId, requestId, parts, status, reason, detail, late, createdAt };
};
