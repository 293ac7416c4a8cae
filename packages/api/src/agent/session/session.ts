import { Id } from '@it0/contracts/ids';
import { Message, Reply } from '@it0/contracts/message';
import { createReply, reduceReply } from '@it0/contracts/reply';
import type { Prisma } from '@it0/db/generated/tenant/client';
import { quoteTenantSchema, toLiterals } from '@it0/db/sql';
import { z } from 'zod';
import { lookupNames } from '../../auth/member/names.ts';
import type { UserContext } from '../../core.ts';
import { AppError } from '../../errors.ts';
import type { AgentContext } from '../agent-services.ts';
import { readableBy, readableSql } from '../instance/access.ts';
import { requireInstance } from '../instance/instance.ts';
import { toDurableEvent } from '../task/event-log.ts';
import { type NewEvent, OPEN_STATUSES } from '../task/task.ts';
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

/** Input of `session.messages`. */
export const ListMessages = z.object({
  sessionId: Id,
  cursor: z
    .string()
    .regex(/^\d{1,18}[qa]$/i)
    .optional()
    .describe('The `nextCursor` of the previous page.'),
  limit: z.int().min(1).max(200).default(50),
});

/** A page of messages, with the partial replies and the `seq` at which live events continue. */
export const History = z
  .object({
    instanceId: Id.nullable().describe('The instance of the session; null for iAgent.'),
    mine: z.boolean().describe('Whether the caller owns the session. Other sessions are read-only.'),
    messages: z.array(Message).describe('The messages of the page, oldest first.'),
    replies: z.array(Reply).describe('The partial replies of tasks that have not ended, in the order of the tasks.'),
    seq: z.int().describe('The last event that is included. Pass it to the event stream to continue from there.'),
    nextCursor: z.string().nullable().describe('Cursor of the page with older messages; null on the last one.'),
  })
  .meta({ id: 'History', description: 'A page of the messages of a session.' });
export type History = z.infer<typeof History>;

const READ_HISTORY = (schema: string) => `
  SELECT m."id", m."role", m."taskId", m."requestId", m."parts", m."status", m."reason", m."detail", m."late", m."seq",
    -- Formatted here, so that no Date is created only to be serialized again.
    to_char(m."createdAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "createdAt",
    -- The columns of the session are sent only with the first row.
    CASE WHEN row_number() OVER () = 1 THEN json_build_object(
      'upTo', s."seq", 'instanceId', s."agentInstanceId", 'ownerId', s."ownerId",
      'tasks', (SELECT json_agg(t) FROM (${openTask(schema)}) t),
      'events', (SELECT json_agg(e) FROM (${openTaskEvent(schema)}) e)
    ) END AS "session"
  FROM ${schema}."AgentSession" s
  LEFT JOIN LATERAL (${messagePage(schema)}) m ON true
  WHERE s."id" = $1 AND ${readableSql(schema, '$2', '$6')}`;

const openTask = (schema: string) => `
  SELECT "id", "text"
  FROM ${schema}."AgentTask"
  WHERE "sessionId" = $1 AND "status" IN (${toLiterals(OPEN_STATUSES)})
  ORDER BY "id"`;

const openTaskEvent = (schema: string) => `
  SELECT e."seq", e."taskId", e."payload", e."createdAt"
  FROM ${schema}."ChatEvent" e
  JOIN ${schema}."AgentTask" t ON t."id" = e."taskId"
  WHERE t."sessionId" = $1 AND t."status" IN (${toLiterals(OPEN_STATUSES)})
  ORDER BY e."seq"`;

/** The messages before the cursor: `$3` is its `seq`, and `$4` whether it is after the reply. */
const messagePage = (schema: string) => `
  SELECT *
  FROM ${schema}."ConversationMessage"
  WHERE "sessionId" = $1
    AND ($3::bigint IS NULL OR "seq" < $3 OR ("seq" = $3 AND "role" = 'USER' AND $4))
  ORDER BY "seq" DESC, "role" DESC
  LIMIT $5`;

type SessionSummary = {
  upTo: number;
  instanceId: string | null;
  ownerId: string;
  tasks: { id: string; text: string }[] | null;
  events: { seq: number; taskId: string; payload: NewEvent; createdAt: string }[] | null;
};
type MessageRow = Omit<Message, 'role'> & { role: 'USER' | 'ASSISTANT'; seq: string };
type HistoryRow = { session: SessionSummary | null } & (MessageRow | { id: null });

/**
 * Reads a page of messages, with the partial replies and the `seq` at which both are current. It is one statement, so
 * that all parts are from one snapshot. Throws SESSION_NOT_FOUND.
 */
export async function listMessages(ctx: AgentContext, input: z.infer<typeof ListMessages>): Promise<History> {
  const { tenantId, id: userId, role } = ctx.user;
  const [seq, isAfterReply] = input.cursor ? [input.cursor.slice(0, -1), /a$/i.test(input.cursor)] : [null, false];
  const { rows } = await ctx.db.pool.query<HistoryRow>({
    name: `history:${tenantId}`,
    text: READ_HISTORY(quoteTenantSchema(tenantId)),
    values: [input.sessionId, userId, seq, isAfterReply, input.limit + 1, role],
  });
  const session = rows[0]?.session;
  if (!session) throw sessionNotFound();

  const messageRows = rows.filter((row) => row.id !== null);
  const page = messageRows.slice(0, input.limit).reverse();
  const oldest = page[0];
  return {
    instanceId: session.instanceId,
    mine: session.ownerId === userId,
    messages: page.map(toMessage),
    replies: (session.tasks ?? []).map((task) => ({
      ...(session.events ?? [])
        .filter((event) => event.taskId === task.id)
        .map((event) => toDurableEvent(event.payload, { ...event, at: new Date(event.createdAt) }))
        .reduce(reduceReply, createReply(task.id)),
      text: ctx.live.latestText({ tenantId: ctx.user.tenantId, taskId: task.id, text: task.text }),
    })),
    seq: session.upTo,
    nextCursor:
      messageRows.length > input.limit && oldest ? `${oldest.seq}${oldest.role === 'ASSISTANT' ? 'a' : 'q'}` : null,
  };
}

const toMessage = (row: MessageRow): Message => {
  const { id, role, taskId, requestId, parts, status, reason, detail, late, createdAt } = row;
  const isUser = role === 'USER';
  return { id, role: isUser ? 'user' : 'assistant', taskId, requestId, parts, status, reason, detail, late, createdAt };
};
