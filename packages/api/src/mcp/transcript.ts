import { TaskStatus } from '@it0/contracts/chat-event';
import { Id } from '@it0/contracts/ids';
import { joinText } from '@it0/contracts/join-text';
import { type Message, MessageRole, type Part } from '@it0/contracts/message';
import { Reason } from '@it0/contracts/reasons';
import { toParts } from '@it0/contracts/reply';
import { head } from '@it0/contracts/text';
import { z } from 'zod';
import type { AgentContext } from '../agent/agent-services.ts';
import { ListMessages, listMessages } from '../agent/session/messages.ts';

export const ReadTranscript = ListMessages.pick({ sessionId: true, cursor: true }).extend({
  limit: z.int().min(1).max(50).default(20),
});

const Line = z.object({
  role: MessageRole,
  text: z.string(),
  truncated: z.boolean().describe('Whether the text was cut.'),
  steps: z.array(z.string()).describe('Tool calls and requested commands, each with its status.'),
  status: TaskStatus.nullable(),
  reason: Reason.nullable(),
  createdAt: z.iso.datetime().nullable().describe('Null for a reply that is still being written.'),
});

export const Transcript = z.object({
  sessionId: Id,
  instanceId: Id.nullable(),
  lines: z.array(Line).describe('Oldest first.'),
  nextCursor: z.string().nullable().describe('Cursor of the previous, older page.'),
});

/** Limits of one line: characters of the text, number of steps, characters of a step. */
const MAX = { text: 4_000, steps: 20, step: 300 };

/** Returns a page of a conversation, shortened for a model's context. */
export async function readTranscript(
  ctx: AgentContext,
  input: z.infer<typeof ReadTranscript>,
): Promise<z.infer<typeof Transcript>> {
  const { messages, replies, instanceId, nextCursor } = await listMessages(ctx, input);
  const stored = messages.map(({ parts, ...message }) => toLine(message, parts));
  const open = replies.map((reply) => toLine({ ...reply, role: 'assistant', createdAt: null }, toParts(reply)));
  const lines = input.cursor ? stored : [...stored, ...open];
  return { sessionId: input.sessionId, instanceId, lines, nextCursor };
}

type LineSource = Pick<Message, 'role' | 'status' | 'reason'> & { createdAt: string | null };

function toLine({ role, status, reason, createdAt }: LineSource, parts: Part[]): z.infer<typeof Line> {
  const text = joinText(parts);
  const steps = parts.flatMap((part) => (part.type === 'text' ? [] : formatStep(part))).slice(-MAX.steps);
  const truncated = text.length > MAX.text;
  return { role, text: head(text, MAX.text), truncated, steps, status, reason, createdAt };
}

function formatStep(step: Exclude<Part, { type: 'text' }>) {
  if (step.type === 'attachment') return head(`attached: ${step.name}`, MAX.step);
  return head(`${step.type === 'tool' ? step.title : step.command} (${step.status.toLowerCase()})`, MAX.step);
}
