import { z } from 'zod';
import type { Connection } from './connection.ts';
import { joinText } from './gateway-event.ts';

const content = z.union([
  z.string().transform((text) => [{ type: 'text', text }]),
  z.array(z.object({ type: z.string(), text: z.string().optional() })),
]);
const Row = z.object({
  role: z.string(),
  content: content.catch([]),
  idempotencyKey: z.string().optional(),
  stopReason: z.string().optional(),
  errorMessage: z.string().optional(),
  provenance: z.object({ kind: z.string() }).optional().catch(undefined),
  __openclaw: z.object({ runId: z.string().optional() }).optional().catch(undefined),
});
type Row = z.infer<typeof Row>;
const History = z.object({
  messages: z.array(Row).catch([]),
  inFlightRun: z.object({ runId: z.string(), text: z.string().default('') }).nullish(),
  sessionInfo: z.object({ hasActiveRun: z.boolean().optional() }).optional(),
});
export type History = z.infer<typeof History>;

/**
 * What a gateway still knows of a task: nothing (it never had it), that it is at it (under this run, or under one that
 * is yet to show itself), how it ended, or that it began and nobody goes on with it.
 */
export type RecoveredRun =
  | { type: 'unknown' | 'lost' }
  | { type: 'running'; runId: string | null; before: string; now: string }
  | { type: 'finished'; text: string }
  | { type: 'failed'; text: string; why: string };

export async function recoverRun(connection: Connection, sessionKey: string, taskId: string): Promise<RecoveredRun> {
  return toRecoveredRun(History.parse(await connection.request('chat.history', { sessionKey, limit: 200 })), taskId);
}

/** Pure. A task's rows are those after its own message, up to the next person's. */
export function toRecoveredRun({ messages, inFlightRun, sessionInfo }: History, taskId: string): RecoveredRun {
  const start = messages.findIndex(({ idempotencyKey }) => idempotencyKey === `${taskId}:user`);
  if (start < 0 && inFlightRun?.runId !== taskId) return { type: 'unknown' };
  const after = start < 0 ? [] : messages.slice(start + 1);
  const next = after.findIndex((row) => row.role === 'user' && row.provenance?.kind !== 'internal_system');
  const own = next < 0 ? after : after.slice(0, next);
  const rows = own.filter(({ role }) => role === 'assistant');
  const isLatest = next < 0;
  if (isLatest && (inFlightRun || sessionInfo?.hasActiveRun)) {
    const runId = inFlightRun?.runId ?? null;
    const before = textsOf(rows.filter((row) => row.__openclaw?.runId !== runId));
    return { type: 'running', runId, before, now: inFlightRun?.text ?? '' };
  }
  const last = rows.at(-1);
  if (!last?.stopReason || last.stopReason === 'toolUse') return { type: 'lost' };
  const text = textsOf(rows);
  if (last.stopReason === 'stop' || last.stopReason === 'length') return { type: 'finished', text };
  return { type: 'failed', text, why: last.errorMessage ?? '' };
}

const textsOf = (rows: Row[]) =>
  rows
    .map((row) => joinText(row.content).trimEnd())
    .filter(Boolean)
    .join('\n\n');
