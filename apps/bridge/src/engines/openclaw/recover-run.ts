import { z } from 'zod';
import type { Connection } from './connection.ts';
import { joinText } from './gateway-event.ts';
import { isLostTool, LOST_TOOLS } from './lost-tools.ts';

const content = z.union([
  z.string().transform((text) => [{ type: 'text', text }]),
  z.array(z.object({ type: z.string(), text: z.string().optional() })),
]);
const MessageRow = z.object({
  role: z.string(),
  content: content.catch([]),
  idempotencyKey: z.string().optional(),
  stopReason: z.string().optional(),
  errorMessage: z.string().optional(),
  provenance: z.object({ kind: z.string() }).optional().catch(undefined),
  __openclaw: z.object({ runId: z.string().optional() }).optional().catch(undefined),
});
type MessageRow = z.infer<typeof MessageRow>;
const History = z.object({
  messages: z.array(MessageRow).catch([]),
  inFlightRun: z.object({ runId: z.string(), text: z.string().default('') }).nullish(),
  sessionInfo: z.object({ hasActiveRun: z.boolean().optional() }).optional(),
});
export type History = z.infer<typeof History>;

/**
 * The state of a task in its gateway: `unknown` if the gateway never got it, `running` (the run id is null until the
 * gateway names it), `finished`, `failed`, or `lost` if it was started and no run continues it.
 */
export type RecoveredRun =
  | { type: 'unknown' | 'lost' }
  | { type: 'running'; runId: string | null; previousText: string; currentText: string }
  | { type: 'finished'; text: string }
  | { type: 'failed'; text: string; error: string };

/** Reads the state of a task from the session's history. */
export async function recoverRun(connection: Connection, sessionKey: string, taskId: string): Promise<RecoveredRun> {
  return toRecoveredRun(History.parse(await connection.request('chat.history', { sessionKey, limit: 200 })), taskId);
}

/** Returns whether a session has messages, or a run that will write some. */
export async function hasMessages(connection: Connection, sessionKey: string): Promise<boolean> {
  const history = History.parse(await connection.request('chat.history', { sessionKey, limit: 1 }));
  return history.messages.length > 0 || Boolean(history.inFlightRun || history.sessionInfo?.hasActiveRun);
}

/** Finds the state of a task in a history. The task's rows are those between its message and the user's next one. */
export function toRecoveredRun({ messages, inFlightRun, sessionInfo }: History, taskId: string): RecoveredRun {
  const start = messages.findIndex(({ idempotencyKey }) => idempotencyKey === `${taskId}:user`);
  if (start < 0 && inFlightRun?.runId !== taskId) return { type: 'unknown' };
  const following = start < 0 ? [] : messages.slice(start + 1);
  const nextMessage = following.findIndex((row) => row.role === 'user' && row.provenance?.kind !== 'internal_system');
  const taskRows = nextMessage < 0 ? following : following.slice(0, nextMessage);
  const replies = taskRows.filter(({ role }) => role === 'assistant');
  const isLatest = nextMessage < 0;
  if (isLatest && (inFlightRun || sessionInfo?.hasActiveRun)) {
    const runId = inFlightRun?.runId ?? null;
    const previousText = joinReplies(replies.filter((row) => row.__openclaw?.runId !== runId));
    return { type: 'running', runId, previousText, currentText: inFlightRun?.text ?? '' };
  }
  const lastReply = replies.at(-1);
  if (!lastReply?.stopReason || lastReply.stopReason === 'toolUse') return { type: 'lost' };
  const text = joinReplies(replies);
  const hasLostTools = taskRows.some((row) => row.role === 'toolResult' && isLostTool(joinText(row.content)));
  if (hasLostTools) return { type: 'failed', text, error: LOST_TOOLS };
  if (lastReply.stopReason === 'stop' || lastReply.stopReason === 'length') return { type: 'finished', text };
  return { type: 'failed', text, error: lastReply.errorMessage ?? '' };
}

const joinReplies = (replies: MessageRow[]) =>
  replies
    .map((row) => joinText(row.content).trimEnd())
    .filter(Boolean)
    .join('\n\n');
