import type { Turn } from '@it0/contracts/bridge';
import { limits } from '@it0/contracts/limits';
import { joinText, type Part } from '@it0/contracts/message';
import type { Database } from '@it0/db/database';

type Place = { tenantId: string; sessionId: string; taskId: string };

/** A model takes no empty reply. */
const unanswered = '(This was not answered.)';

/**
 * What was said in a session before a task, as text, the oldest first: questions with their replies, as many of the
 * latest as there is room for.
 */
export async function buildHistory(db: Database, { tenantId, sessionId, taskId }: Place): Promise<Turn[]> {
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
  let room: number = limits.history;
  for (const [question, reply] of pairs(messages)) {
    const [asked, answered] = [said(question), (reply && said(reply)) || unanswered];
    room -= asked.length + answered.length;
    if (room < 0) break;
    turns.unshift({ role: 'user', text: asked }, { role: 'assistant', text: answered });
  }
  return turns.slice(-limits.historyTurns);
}

type Row = { taskId: string; role: 'USER' | 'ASSISTANT'; parts: unknown };

/** Of the files that came with it, the names: what was in them was for its own task. */
function said(row: Row) {
  const parts = row.parts as Part[];
  const names = parts.flatMap((part) => (part.type === 'attachment' ? JSON.stringify(part.name) : []));
  const files = `(Files came with this, whose content is not repeated here: ${names.join(', ')})`;
  return names.length > 0 ? `${joinText(parts)}\n\n${files}` : joinText(parts);
}

/** Each question with its reply, the latest first. A reply whose question did not come is left out. */
function* pairs(messages: Row[]): Generator<[Row, Row | undefined]> {
  const replies = new Map(messages.filter(({ role }) => role === 'ASSISTANT').map((reply) => [reply.taskId, reply]));
  for (const question of messages) if (question.role === 'USER') yield [question, replies.get(question.taskId)];
}
