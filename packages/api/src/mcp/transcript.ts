import { TaskStatus } from '@it0/contracts/chat-event';
import { Id } from '@it0/contracts/ids';
import { joinText, type Message, type Part } from '@it0/contracts/message';
import { Reason } from '@it0/contracts/reasons';
import { toParts } from '@it0/contracts/reply';
import { head } from '@it0/contracts/text';
import { z } from 'zod';
import { ListMessages, listMessages } from '../agent/session/session.ts';
import type { UserContext } from '../context.ts';

export const ReadTranscript = ListMessages.extend({ limit: z.int().min(1).max(50).default(20) });

const Line = z.object({
  role: z.enum(['user', 'assistant']),
  text: z.string(),
  truncated: z.boolean().describe('Some of the text is left out.'),
  steps: z.array(z.string()).describe('The tools it called and the commands it asked for, and how each ended.'),
  status: TaskStatus.nullable(),
  reason: Reason.nullable(),
  createdAt: z.iso.datetime().nullable().describe('Null for a reply that is not over.'),
});

export const Transcript = z.object({
  sessionId: Id,
  instanceId: Id.nullable(),
  lines: z.array(Line).describe('The oldest first.'),
  nextCursor: z.string().nullable().describe('For the page before this one.'),
});

/** What one line may hold. */
const most = { text: 4_000, steps: 20, step: 300 };

/** A page of a conversation as a model reads it: no more than it can take in. */
export async function readTranscript(
  ctx: UserContext,
  input: z.infer<typeof ReadTranscript>,
): Promise<z.infer<typeof Transcript>> {
  const { messages, replies, instanceId, nextCursor } = await listMessages(ctx, input);
  const kept = messages.map(({ parts, ...message }) => lineOf(message, parts));
  const open = replies.map((reply) => lineOf({ ...reply, role: 'assistant', createdAt: null }, toParts(reply)));
  const lines = input.cursor ? kept : [...kept, ...open];
  return { sessionId: input.sessionId, instanceId, lines, nextCursor };
}

type Said = Pick<Message, 'role' | 'status' | 'reason'> & { createdAt: string | null };

function lineOf({ role, status, reason, createdAt }: Said, parts: Part[]): z.infer<typeof Line> {
  const text = joinText(parts);
  const steps = parts.flatMap((part) => (part.type === 'text' ? [] : stepOf(part))).slice(-most.steps);
  const truncated = text.length > most.text;
  return { role, text: head(text, most.text), truncated, steps, status, reason, createdAt };
}

function stepOf(step: Exclude<Part, { type: 'text' }>) {
  if (step.type === 'attachment') return head(`attached: ${step.name}`, most.step);
  return head(`${step.type === 'tool' ? step.title : step.command} (${step.status.toLowerCase()})`, most.step);
}
