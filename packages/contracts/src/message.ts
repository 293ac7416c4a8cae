import { z } from 'zod';
import { Attachment } from './attachment.ts';
import { ApprovalDecision, ApprovalKind, ApprovalStatus, TaskStatus } from './chat-event.ts';
import { Id } from './ids.ts';
import { Reason } from './reasons.ts';

const textOffset = z
  .int()
  .min(0)
  .describe('Where in the reply’s text the step stands, in UTF-16 units: text and steps interleave as they happened.');

export const TextPart = z.object({ type: z.literal('text'), text: z.string() }).meta({ id: 'TextPart' });

export const AttachmentPart = Attachment.extend({ type: z.literal('attachment') }).meta({ id: 'AttachmentPart' });
export type AttachmentPart = z.infer<typeof AttachmentPart>;

export const ToolStep = z
  .object({
    type: z.literal('tool'),
    callId: z.string(),
    name: z.string(),
    title: z.string(),
    args: z.string().optional().describe('The call’s arguments as JSON text.'),
    status: z
      .enum(['running', 'completed', 'failed', 'ended'])
      .meta({ id: 'ToolStatus', description: '`ended`: the task was over before the tool told its end.' }),
    output: z.string(),
    exitCode: z.int().optional(),
    durationMs: z.number().optional(),
    startedAt: z.iso.datetime(),
    textOffset,
  })
  .meta({ id: 'ToolStep', description: 'One call of a tool.' });
export type ToolStep = z.infer<typeof ToolStep>;

export const ApprovalStep = z
  .object({
    type: z.literal('approval'),
    approvalId: Id,
    callId: z.string().optional(),
    kind: ApprovalKind.optional(),
    command: z.string(),
    cwd: z.string().optional(),
    content: z.string().optional().describe('Of a file to be written: all that it will hold.'),
    digest: z
      .string()
      .optional()
      .describe('SHA-256 of what is decided about, in hex: the log and the audit have the same one.'),
    agentConfiguration: z
      .boolean()
      .optional()
      .describe('The command’s folder holds configuration that an agent wrote: no rule allows it.'),
    warning: z.string().optional().describe('What the bridge has to say about it.'),
    allowedDecisions: z.array(ApprovalDecision),
    expiresAt: z.iso.datetime(),
    status: ApprovalStatus,
    decidedBy: z.string().nullish().describe('The name of who decided.'),
    decidedByRule: z.string().nullish().describe('The pattern of the rule that decided.'),
    textOffset,
  })
  .meta({ id: 'ApprovalStep', description: 'A command that waits for a person, and what became of it.' });
export type ApprovalStep = z.infer<typeof ApprovalStep>;

export const Step = z.discriminatedUnion('type', [ToolStep, ApprovalStep]).meta({ id: 'Step' });
export type Step = z.infer<typeof Step>;

export const Part = z
  .discriminatedUnion('type', [TextPart, AttachmentPart, ToolStep, ApprovalStep])
  .meta({ id: 'Part' });
export type Part = z.infer<typeof Part>;

/** What was said between the steps. */
export const joinText = (parts: readonly Part[]) =>
  parts.map((part) => (part.type === 'text' ? part.text : '')).join('');

const late = z.boolean().describe('The reply came after the task had timed out.');

export const Reply = z
  .object({
    taskId: Id,
    status: TaskStatus,
    reason: Reason.nullable(),
    detail: z.string().nullable(),
    late,
    text: z.string(),
    steps: z.array(Step),
  })
  .meta({ id: 'Reply', description: 'What an agent has answered to one message so far.' });
/** The server keeps it, and every screen builds the same one. */
export type Reply = z.infer<typeof Reply>;

export const Message = z
  .object({
    id: Id,
    role: z.enum(['user', 'assistant']),
    taskId: Id.describe('One task has one reply: the message of the role `assistant` with the same `taskId`.'),
    requestId: Id.nullable().describe('The client’s name for the request, of a person’s own message.'),
    parts: z.array(Part),
    status: TaskStatus.nullable().describe('How the task ended; null for a person’s own message.'),
    reason: Reason.nullable().describe('Why, unless it completed.'),
    detail: z.string().nullable(),
    late,
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Message', description: 'One persisted turn.' });
export type Message = z.infer<typeof Message>;
