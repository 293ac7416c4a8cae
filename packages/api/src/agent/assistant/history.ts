import type { Turn } from '@it0/contracts/bridge';
import { limits } from '@it0/contracts/limits';
import { joinText, type Part } from '@it0/contracts/message';
import type { Database } from '@it0/db/database';

type TaskPlace = { tenantId: string; sessionId: string; taskId: string };

/** A model takes no empty reply. */
const UNANSWERED = '(This was not answered.)';

/**
 * What was said in a session before a task, as text, the oldest first: questions with their replies, as many of the
 * latest as there is room for.
 */
export async function buildHistory(db: Database, { tenantId, sessionId, taskId }: TaskPlace): Promise<Turn[]> {
  const tenant = db.tenant(tenantId);
  const now = await tenant.conversationMessage.findFirst({
    where: { sessionId, taskId, role: 'USER' },
    select: { seq: true },
  });
  const messages = await tenant.conversationMessage.findMany({
    where: { sessionId, seq: { lt: now?.seq ?? 0 } },
    orderBy: [{ seq: 'desc' }, { role: 'desc' }],
    take: limits.historyTurns,
    select: { taskId: true, role: true, parts: true },
  });
  const turns: Turn[] = [];
  let remaining: number = limits.history;
  for (const [question, reply] of pairTurns(messages)) {
    const [questionText, replyText] = [toText(question), (reply && toText(reply)) || UNANSWERED];
    remaining -= questionText.length + replyText.length;
    if (remaining < 0) break;
    turns.unshift({ role: 'user', text: questionText }, { role: 'assistant', text: replyText });
  }
  return turns.slice(-limits.historyTurns);
}

type MessageRow = { taskId: string; role: 'USER' | 'ASSISTANT'; parts: unknown };

/** Of the files that came with it, the names: what was in them was for its own task. */
function toText(row: MessageRow) {
  const parts = row.parts as Part[];
  const names = parts.flatMap((part) => (part.type === 'attachment' ? JSON.stringify(part.name) : []));
  const files = `(Files came with this, whose content is not repeated here: ${names.join(', ')})`;
  return names.length > 0 ? `${joinText(parts)}\n\n${files}` : joinText(parts);
}

/** Each question with its reply, the latest first. A reply whose question did not come is left out. */
function* pairTurns(messages: MessageRow[]): Generator<[MessageRow, MessageRow | undefined]> {
  const replies = new Map(messages.filter(({ role }) => role === 'ASSISTANT').map((reply) => [reply.taskId, reply]));
  for (const question of messages) if (question.role === 'USER') yield [question, replies.get(question.taskId)];
}
