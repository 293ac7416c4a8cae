import { Id } from '@it0/contracts/ids';
import type { Message } from '@it0/contracts/message';
import { newReply, type Reply, reduceReply } from '@it0/contracts/reply';
import { z } from 'zod';
import type { UserContext } from '../../context.ts';
import { AppError } from '../../errors.ts';
import { requireInstance } from '../instance/instance.ts';
import { logged, tenantTables } from '../task/event-log.ts';
import { type NewEvent, running } from '../task/task.ts';

export const ListSessions = z.object({
  instanceId: Id,
  cursor: Id.optional(),
  limit: z.int().min(1).max(100).default(30),
});

export type Session = {
  id: string;
  title: string;
  createdAt: string;
  lastActiveAt: string;
  running: boolean;
  pendingApprovals: number;
};

/** The user's conversations with one instance, the latest first. */
export async function listSessions(
  ctx: UserContext,
  { instanceId, cursor, limit }: z.infer<typeof ListSessions>,
): Promise<{ items: Session[]; nextCursor: string | null }> {
  await requireInstance(ctx, instanceId);
  const sessions = await ctx.db.tenant(ctx.user.tenantId).agentSession.findMany({
    where: { agentInstanceId: instanceId, ownerId: ctx.user.id },
    orderBy: [{ lastActiveAt: 'desc' }, { id: 'desc' }],
    ...(cursor && { cursor: { id: cursor }, skip: 1 }),
    take: limit + 1,
    select: {
      id: true,
      title: true,
      createdAt: true,
      lastActiveAt: true,
      tasks: { where: { status: { in: [...running] } }, select: { status: true } },
    },
  });
  const items = sessions.slice(0, limit).map(({ tasks, ...session }) => ({
    ...session,
    createdAt: session.createdAt.toISOString(),
    lastActiveAt: session.lastActiveAt.toISOString(),
    running: tasks.length > 0,
    pendingApprovals: tasks.filter((task) => task.status === 'WAITING_APPROVAL').length,
  }));
  return { items, nextCursor: sessions.length > limit ? (items.at(-1)?.id ?? null) : null };
}

export const sessionNotFound = () => new AppError('SESSION_NOT_FOUND', 'There is no such conversation.');

export const ListMessages = z.object({
  sessionId: Id,
  /** An earlier page's `nextCursor`. */
  cursor: z
    .string()
    .regex(/^\d{1,18}[qa]$/)
    .optional(),
  limit: z.int().min(1).max(200).default(50),
});

export type History = {
  /** Whose conversation it is; null for iAgent's. */
  instanceId: string | null;
  /** The page's messages, oldest first. */
  messages: Message[];
  /** The replies of the tasks that are not over, in their order, as far as they are. */
  replies: Reply[];
  /** The last event that all of this contains: live events follow on it. */
  seq: number;
  /** For the page before this one. */
  nextCursor: string | null;
};

/** Written out, an index finds them, and the plan is made once. */
const RUNNING = running.map((status) => `'${status}'`).join(', ');

const HISTORY = (schema: string) => `
  SELECT s."seq", s."agentInstanceId",
    (SELECT coalesce(json_agg(m), '[]') FROM (
      SELECT m."id", m."role", m."taskId", m."parts", m."status", m."reason", m."detail", m."late", m."seq",
        m."createdAt", CASE WHEN m."role" = 'USER' THEN t."requestId" END AS "requestId"
      FROM ${schema}."ConversationMessage" m JOIN ${schema}."AgentTask" t ON t."id" = m."taskId"
      WHERE m."sessionId" = s."id"
        AND ($3::bigint IS NULL OR m."seq" < $3 OR (m."seq" = $3 AND m."role" = 'USER' AND $4))
      ORDER BY m."seq" DESC, m."role" DESC LIMIT $5) m) AS "messages",
    (SELECT coalesce(json_agg(t), '[]') FROM (
      SELECT "id", "text" FROM ${schema}."AgentTask"
      WHERE "sessionId" = s."id" AND "status" IN (${RUNNING}) ORDER BY "id") t) AS "tasks",
    (SELECT coalesce(json_agg(e), '[]') FROM (
      SELECT e."seq", e."taskId", e."payload", e."createdAt" FROM ${schema}."ChatEvent" e
      JOIN ${schema}."AgentTask" t ON t."id" = e."taskId"
      WHERE t."sessionId" = s."id" AND t."status" IN (${RUNNING}) ORDER BY e."seq") e) AS "events"
  FROM ${schema}."AgentSession" s WHERE s."id" = $1 AND s."ownerId" = $2`;

type HistoryRow = {
  seq: string;
  agentInstanceId: string | null;
  messages: (Omit<Message, 'role'> & { role: 'USER' | 'ASSISTANT'; seq: number })[];
  tasks: { id: string; text: string }[];
  events: { seq: number; taskId: string; payload: NewEvent; createdAt: string }[];
};

/** A page of a conversation, with the `seq` it is true at: one statement, so nothing can come between its parts. */
export async function listMessages(ctx: UserContext, input: z.infer<typeof ListMessages>): Promise<History> {
  const { tenantId, id: userId } = ctx.user;
  const [seq, answered] = input.cursor ? [input.cursor.slice(0, -1), input.cursor.endsWith('a')] : [null, false];
  const { rows } = await ctx.db.pool.query<HistoryRow>({
    name: `history:${tenantId}`,
    text: HISTORY(tenantTables(tenantId)),
    values: [input.sessionId, userId, seq, answered, input.limit + 1],
  });
  const row = rows[0];
  if (!row) throw sessionNotFound();

  const messages = row.messages.slice(0, input.limit).reverse();
  const oldest = messages[0];
  return {
    instanceId: row.agentInstanceId,
    messages: messages.map(({ seq: _, role, createdAt, ...message }) => ({
      ...message,
      role: role === 'USER' ? 'user' : 'assistant',
      createdAt: new Date(createdAt).toISOString(),
    })),
    replies: row.tasks.map((task) => ({
      ...row.events
        .filter((event) => event.taskId === task.id)
        .map((event) => logged(event.payload, { ...event, at: new Date(event.createdAt) }))
        .reduce(reduceReply, newReply(task.id)),
      text: ctx.live.textOf(task),
    })),
    seq: Number(row.seq),
    nextCursor:
      row.messages.length > input.limit && oldest ? `${oldest.seq}${oldest.role === 'ASSISTANT' ? 'a' : 'q'}` : null,
  };
}
