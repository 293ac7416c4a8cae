import type { Turn } from '@it0/contracts/bridge';
import { limits } from '@it0/contracts/limits';
import { joinText, type Part } from '@it0/contracts/message';
import type { Database } from '@it0/db/database';

type TaskPlace = { tenantId: string; sessionId: string; taskId: string };

/** Stands in for a missing reply, since models reject empty messages. */
const UNANSWERED = '(No reply.)';

/**
 * Builds the history of a session before a task: messages with their replies, as text, oldest first. Includes as many
 * of the most recent pairs as fit `limits.history` and `limits.historyTurns`.
 */
export async function buildHistory(db: Database, { tenantId, sessionId, taskId }: TaskPlace): Promise<Turn[]> {
  const tenant = db.tenant(tenantId);
  const current = await tenant.conversationMessage.findFirst({
    where: { sessionId, taskId, role: 'USER' },
    select: { seq: true },
  });
  const messages = await tenant.conversationMessage.findMany({
    where: { sessionId, seq: { lt: current?.seq ?? 0 } },
    orderBy: [{ seq: 'desc' }, { role: 'desc' }],
    take: limits.historyTurns,
    select: { taskId: true, role: true, parts: true },
  });
  const turns: Turn[] = [];
  let remaining: number = limits.history;
  for (const [question, reply] of pairTurns(messages)) {
    const questionText = toText(question);
    const replyText = (reply && toText(reply)) || UNANSWERED;
    remaining -= questionText.length + replyText.length;
    if (remaining < 0) break;
    turns.unshift({ role: 'user', text: questionText }, { role: 'assistant', text: replyText });
  }
  return turns.slice(-limits.historyTurns);
}

type MessageRow = { taskId: string; role: 'USER' | 'ASSISTANT'; parts: unknown };

/** Returns a message as text, with the names of its files. Their content was available to its own task only. */
function toText(row: MessageRow) {
  const parts = row.parts as Part[];
  const names = parts.flatMap((part) => (part.type === 'attachment' ? JSON.stringify(part.name) : []));
  const files = `(Attached files, whose content is omitted here: ${names.join(', ')})`;
  return names.length > 0 ? `${joinText(parts)}\n\n${files}` : joinText(parts);
}

/** Pairs each question with its reply, most recent first. Leaves out replies whose question is not in the list. */
function* pairTurns(messages: MessageRow[]): Generator<[MessageRow, MessageRow | undefined]> {
  const replies = new Map(messages.filter(({ role }) => role === 'ASSISTANT').map((reply) => [reply.taskId, reply]));
  for (const question of messages) if (question.role === 'USER') yield [question, replies.get(question.taskId)];
}
