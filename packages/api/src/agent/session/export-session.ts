import type { Message, Part } from '@it0/contracts/message';
import type { ExportFormat, ExportSession } from '@it0/contracts/session-export';
import type { Prisma } from '@it0/db/generated/tenant/client';
import type { UserContext } from '../../core.ts';
import { readSegments, toCondition } from '../branch/branch.ts';
import { readParents } from '../branch/read-parents.ts';
import { readableBy } from '../instance/access.ts';
import { type ExportedSession, formatHeading, formatMessage } from './export-markdown.ts';
import { findSession } from './list-sessions.ts';
import { sessionNotFound } from './session.ts';

/** Messages per read. Each can have a megabyte. */
const PAGE_SIZE = 20;

/** An export: the name of its file without the extension, and its content in pieces. */
export type Export = { name: string; chunks: AsyncIterable<string> };

/**
 * Exports the messages of a session with their tool calls, oldest first: as Markdown those of the selected branch, as
 * JSON all, branch by branch, with the task that each follows. Throws SESSION_NOT_FOUND.
 */
export async function exportSession(ctx: UserContext, { sessionId, format }: ExportSession): Promise<Export> {
  const session = await findSession(ctx, { id: sessionId, ...readableBy(ctx.user) });
  if (!session) throw sessionNotFound();
  const { branch, agentInstance } = await ctx.db.tenant(ctx.user.tenantId).agentSession.findUniqueOrThrow({
    where: { id: sessionId },
    select: { branch: true, agentInstance: { select: { name: true } } },
  });
  const exported = { ...session, branch, agentName: agentInstance?.name ?? 'iAgent' };
  return { name: session.title, chunks: writers[format](ctx, exported) };
}

type ExportedMessage = Omit<Message, 'requestId' | 'usage' | 'versions'> & { branch: number };
type Writer = (ctx: UserContext, session: ExportedSession & { branch: number }) => AsyncIterable<string>;

const writers: Record<ExportFormat, Writer> = {
  async *markdown(ctx, session) {
    yield formatHeading(session);
    const { id: sessionId, branch } = session;
    for (const segment of await readSegments(ctx.db.tenant(ctx.user.tenantId), { sessionId, branch }))
      for await (const message of readMessages(ctx, { sessionId, ...toCondition(segment) }))
        yield formatMessage(session, message);
  },
  async *json(ctx, { id, instanceId, agentName, title, ownerName, createdAt, branch: selectedBranch }) {
    const head = JSON.stringify({ id, instanceId, agentName, title, ownerName, createdAt, selectedBranch });
    yield `${head.slice(0, -1)},"messages":[`;
    const parents = await readParents(ctx, id);
    let separator = '\n';
    let last: ExportedMessage | undefined;
    let parentTaskId: string | null = null;
    for await (const message of readMessages(ctx, { sessionId: id })) {
      // By the branch, since a message that waited can have been moved before the one that began it.
      if (message.branch !== last?.branch) parentTaskId = parents.get(message.branch) ?? null;
      else if (message.role === 'user') parentTaskId = last.taskId;
      yield separator + JSON.stringify({ ...message, parentTaskId });
      separator = ',\n';
      last = message;
    }
    yield '\n]}\n';
  },
};

async function* readMessages(
  { db, user }: UserContext,
  where: Prisma.ConversationMessageWhereInput,
): AsyncGenerator<ExportedMessage> {
  const { conversationMessage } = db.tenant(user.tenantId);
  for (let cursor: string | undefined; ; ) {
    const rows = await conversationMessage.findMany({
      where,
      orderBy: [{ branch: 'asc' }, { seq: 'asc' }, { role: 'asc' }],
      take: PAGE_SIZE,
      ...(cursor !== undefined && { cursor: { id: cursor }, skip: 1 }),
    });
    for (const { id, role, taskId, branch, parts, status, reason, detail, late, createdAt } of rows) {
      yield {
        ...{ id, role: role === 'USER' ? 'user' : 'assistant', taskId, branch, parts: parts as Part[] },
        ...{ status, reason: reason as Message['reason'], detail, late, createdAt: createdAt.toISOString() },
      };
    }
    if (rows.length < PAGE_SIZE) return;
    cursor = rows.at(-1)!.id;
  }
}
