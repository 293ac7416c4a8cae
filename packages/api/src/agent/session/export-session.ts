import type { Message, Part } from '@it0/contracts/message';
import type { ExportFormat, ExportSession } from '@it0/contracts/session-export';
import type { UserContext } from '../../core.ts';
import { readableBy } from '../instance/access.ts';
import { type ExportedSession, formatHeading, formatMessage } from './export-markdown.ts';
import { findSession } from './list-sessions.ts';
import { sessionNotFound } from './session.ts';

/** Messages per read. Each can have a megabyte. */
const PAGE_SIZE = 20;

/** An export: the name of its file without the extension, and its content in pieces. */
export type Export = { name: string; chunks: AsyncIterable<string> };

/** Exports the messages of a session with their tool calls, oldest first. Throws SESSION_NOT_FOUND. */
export async function exportSession(ctx: UserContext, { sessionId, format }: ExportSession): Promise<Export> {
  const session = await findSession(ctx, { id: sessionId, ...readableBy(ctx.user) });
  if (!session) throw sessionNotFound();
  const { instanceId } = session;
  const instance = instanceId
    ? await ctx.db
        .tenant(ctx.user.tenantId)
        .agentInstance.findUnique({ where: { id: instanceId }, select: { name: true } })
    : null;
  const exported = { ...session, agentName: instance?.name ?? 'iAgent' };
  return { name: session.title, chunks: writers[format](exported, readMessages(ctx, sessionId)) };
}

type ExportedMessage = Omit<Message, 'requestId' | 'usage'>;
type Writer = (session: ExportedSession, messages: AsyncIterable<ExportedMessage>) => AsyncIterable<string>;

const writers: Record<ExportFormat, Writer> = {
  async *markdown(session, messages) {
    yield formatHeading(session);
    for await (const message of messages) yield formatMessage(session, message);
  },
  async *json({ id, instanceId, agentName, title, ownerName, createdAt }, messages) {
    const head = JSON.stringify({ id, instanceId, agentName, title, ownerName, createdAt });
    yield `${head.slice(0, -1)},"messages":[`;
    let separator = '\n';
    for await (const message of messages) {
      yield separator + JSON.stringify(message);
      separator = ',\n';
    }
    yield '\n]}\n';
  },
};

async function* readMessages({ db, user }: UserContext, sessionId: string): AsyncGenerator<ExportedMessage> {
  const { conversationMessage } = db.tenant(user.tenantId);
  for (let cursor: string | undefined; ; ) {
    const rows = await conversationMessage.findMany({
      where: { sessionId },
      orderBy: [{ seq: 'asc' }, { role: 'asc' }],
      take: PAGE_SIZE,
      ...(cursor !== undefined && { cursor: { id: cursor }, skip: 1 }),
    });
    for (const { id, role, taskId, parts, status, reason, detail, late, createdAt } of rows) {
      yield {
        ...{ id, role: role === 'USER' ? 'user' : 'assistant', taskId, parts: parts as Part[] },
        ...{ status, reason: reason as Message['reason'], detail, late, createdAt: createdAt.toISOString() },
      };
    }
    if (rows.length < PAGE_SIZE) return;
    cursor = rows.at(-1)!.id;
  }
}
