import type { Turn } from '@it0/contracts/bridge';
import { joinText } from '@it0/contracts/join-text';
import { limits } from '@it0/contracts/limits';
import type { Part } from '@it0/contracts/message';
import { head } from '@it0/contracts/text';
import type { Database } from '@it0/db/database';
import { readSegments, toCondition } from '../branch/branch.ts';

/** A task in its session. */
export type TaskPosition = { tenantId: string; sessionId: string; id: string; branch: number };

type HistoryOptions = {
  /** Total length of the texts. */
  maxLength?: number;
  /** Lists the tool calls of each reply. */
  withCalls?: boolean;
};

/** Replaces a missing reply, since models reject empty messages. */
const UNANSWERED = '(No reply.)';

/**
 * Builds the history of a task: the messages before it in its branch with their replies, as text, oldest first.
 * Includes as many of the most recent pairs as fit `maxLength` and `limits.historyTurns`.
 */
export async function buildHistory(
  db: Database,
  { tenantId, sessionId, id: taskId, branch }: TaskPosition,
  { maxLength = limits.history, withCalls = false }: HistoryOptions = {},
): Promise<Turn[]> {
  const tenant = db.tenant(tenantId);
  const [message, segments] = await Promise.all([
    // A message that waited has an event for each change. The last one has its position.
    tenant.chatEvent.findFirst({
      where: { taskId, payload: { path: ['type'], equals: 'message' } },
      orderBy: { seq: 'desc' },
      select: { seq: true },
    }),
    readSegments(tenant, { sessionId, branch }),
  ]);
  const before = message?.seq ?? 0n;
  const messages = await tenant.conversationMessage.findMany({
    where: { sessionId, seq: { lt: before }, OR: segments.map(toCondition) },
    orderBy: [{ seq: 'desc' }, { role: 'desc' }],
    take: limits.historyTurns,
    select: { taskId: true, role: true, parts: true, reason: true },
  });
  const turns: Turn[] = [];
  let remaining: number = maxLength;
  for (const [question, reply] of pairTurns(messages)) {
    // The person has removed it before any agent received it.
    if (reply?.reason === 'WITHDRAWN') continue;
    const questionText = toText(question);
    const replyText = (reply && toText(reply, withCalls)) || UNANSWERED;
    remaining -= questionText.length + replyText.length;
    if (remaining < 0) break;
    turns.unshift({ role: 'user', text: questionText }, { role: 'assistant', text: replyText });
  }
  return turns.slice(-limits.historyTurns);
}

/**
 * Builds the history with which the engine of an instance begins the conversation of a branch. The conversation of the
 * first branch begins without one. It lists the tool calls, so that the agent does not repeat what was done.
 */
export const buildBranchHistory = async (db: Database, task: TaskPosition): Promise<Turn[]> =>
  task.branch === 0 ? [] : buildHistory(db, task, { maxLength: limits.branchHistory, withCalls: true });

/** Tool calls that are listed for a reply, and characters of each. */
const MAX_CALLS = 20;
const MAX_CALL = 300;

type MessageRow = { taskId: string; role: 'USER' | 'ASSISTANT'; parts: unknown; reason: string | null };

/** Returns a message as text, with the names of its files. Their content was available to its own task only. */
function toText(row: MessageRow, withCalls = false) {
  const parts = row.parts as Part[];
  const names = parts.flatMap((part) => (part.type === 'attachment' ? JSON.stringify(part.name) : []));
  const files = `(Attached files, whose content is omitted here: ${names.join(', ')})`;
  return [joinText(parts), names.length > 0 && files, withCalls && formatCalls(parts)].filter(Boolean).join('\n\n');
}

function formatCalls(parts: Part[]) {
  const calls = parts.flatMap((part) =>
    part.type === 'tool' ? `- ${head(part.title, MAX_CALL)} (${part.status})` : [],
  );
  return calls.length > 0 && `(Tool calls, which are done:\n${calls.slice(-MAX_CALLS).join('\n')})`;
}

/** Pairs each question with its reply, most recent first. Leaves out replies whose question is not in the list. */
function* pairTurns(messages: MessageRow[]): Generator<[MessageRow, MessageRow | undefined]> {
  const replies = new Map(messages.filter(({ role }) => role === 'ASSISTANT').map((reply) => [reply.taskId, reply]));
  for (const question of messages) if (question.role === 'USER') yield [question, replies.get(question.taskId)];
}
