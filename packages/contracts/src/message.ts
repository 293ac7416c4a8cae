import { z } from 'zod';
import { Attachment } from './attachment.ts';
import { decision, events, ModelRetry, TaskStatus, Usage } from './chat-event.ts';
import { Id } from './ids.ts';
import { Reason } from './reasons.ts';

/** Author of a message. */
export const MessageRole = z.enum(['user', 'assistant']);
export type MessageRole = z.infer<typeof MessageRole>;

/** Part of a message: text. Replies are in Markdown. */
export const TextPart = z.object({ type: z.literal('text'), text: z.string() }).meta({ id: 'TextPart' });

/** Part of a message: an attached file. */
export const AttachmentPart = Attachment.extend({ type: z.literal('attachment') }).meta({ id: 'AttachmentPart' });
export type AttachmentPart = z.infer<typeof AttachmentPart>;

/** Part of a message: a tool call. Its `output` is limited to its last lines while it runs. */
export const ToolStep = events.toolStart
  .omit({ phase: true })
  .extend({
    ...events.toolEnd.pick({ exitCode: true, durationMs: true }).shape,
    status: z
      .enum(['running', 'completed', 'failed', 'ended'])
      .meta({ id: 'ToolStatus', description: '`ended`: the task ended before the tool reported its result.' }),
    output: z.string(),
    startedAt: z.iso.datetime(),
  })
  .meta({ id: 'ToolStep', description: 'A tool call.' });
export type ToolStep = z.infer<typeof ToolStep>;

/** Part of a message: an approval. */
export const ApprovalStep = events.approval
  .extend(decision)
  .meta({ id: 'ApprovalStep', description: 'A request for an approval, and its result.' });
export type ApprovalStep = z.infer<typeof ApprovalStep>;

/** A tool call or an approval. */
export const Step = z.discriminatedUnion('type', [ToolStep, ApprovalStep]).meta({ id: 'Step' });
export type Step = z.infer<typeof Step>;

/** A text, an attachment or a step. */
export const Part = z
  .discriminatedUnion('type', [TextPart, AttachmentPart, ToolStep, ApprovalStep])
  .meta({ id: 'Part' });
export type Part = z.infer<typeof Part>;

const late = z.boolean().describe('The reply came after the task had timed out.');

/** The reply to one task so far: text and steps, from which `toParts` makes parts. */
export const Reply = z
  .object({
    taskId: Id,
    status: TaskStatus,
    reason: Reason.nullable(),
    detail: z.string().nullable(),
    late,
    text: z.string(),
    steps: z.array(Step),
    modelRetry: ModelRetry.optional(),
    endedAt: z.iso.datetime().nullable().describe('The time of the final status; null while the task is open.'),
    usage: Usage.nullable(),
  })
  .meta({ id: 'Reply', description: 'The agent’s reply to one message so far.' });
export type Reply = z.infer<typeof Reply>;

/** Tokens of a reply as they are shown. The input includes what was read from a cache. */
export const TokenCounts = Usage.pick({ input: true, output: true }).meta({ id: 'TokenCounts' });
export type TokenCounts = z.infer<typeof TokenCounts>;

/** A persisted turn of a conversation. */
export const Message = z
  .object({
    id: Id,
    role: MessageRole,
    taskId: Id.describe('The task of the message. Its reply is the `assistant` message with the same `taskId`.'),
    requestId: Id.nullable().describe('The client’s id of the request, in messages of people.'),
    parts: z.array(Part),
    status: TaskStatus.nullable().describe('The final status of the task; null in messages of people.'),
    reason: Reason.nullable().describe('The reason for the status, unless the task completed.'),
    detail: z.string().nullable(),
    late,
    usage: TokenCounts.nullable().describe('The tokens of the reply; null if the engine does not know them.'),
    versions: z
      .array(Id)
      .nullable()
      .describe('The tasks of all versions of the message, oldest first; null if it has only one, and in replies.'),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Message', description: 'A persisted turn of a conversation.' });
export type Message = z.infer<typeof Message>;
