import { z } from 'zod';
import { Attachment } from './attachment.ts';
import { Id } from './ids.ts';
import { limits } from './limits.ts';
import { count, MAX_INT } from './number.ts';
import { Reason } from './reasons.ts';
import { text } from './text.ts';

export const TaskStatus = z
  .enum(['QUEUED', 'DISPATCHED', 'RUNNING', 'WAITING_APPROVAL', 'COMPLETED', 'FAILED', 'TIMED_OUT', 'CANCELLED'])
  .meta({ id: 'TaskStatus' });
export type TaskStatus = z.infer<typeof TaskStatus>;

export const isTerminal = (status: TaskStatus) =>
  status === 'COMPLETED' || status === 'FAILED' || status === 'TIMED_OUT' || status === 'CANCELLED';

export const ApprovalDecision = z.enum(['allow-once', 'deny']).meta({ id: 'ApprovalDecision' });
export type ApprovalDecision = z.infer<typeof ApprovalDecision>;

export const ApprovalKind = z.enum(['exec', 'exec-unsandboxed', 'write', 'fetch']).meta({
  id: 'ApprovalKind',
  description:
    'What waits: a command, a command that runs outside of the sandbox, a file to be written, an address to be fetched.',
});
export type ApprovalKind = z.infer<typeof ApprovalKind>;

export const ApprovalStatus = z.enum(['PENDING', 'ALLOWED', 'DENIED', 'EXPIRED', 'CANCELLED']).meta({
  id: 'ApprovalStatus',
  description: '`CANCELLED`: the task ended, or the agent did not come back, while the question was open.',
});
export type ApprovalStatus = z.infer<typeof ApprovalStatus>;

/** What a task took of its model, in tokens, where the engine knows it. */
export const Usage = z
  .object({
    input: count(),
    output: count(),
    /** Of the input, what came from the provider's cache and what was put there. */
    cacheRead: count(),
    cacheWrite: count(),
  })
  .meta({ id: 'Usage' });
export type Usage = z.infer<typeof Usage>;

/** Returns the subject of an approval as the text from which its digest is computed. */
export const serializeApprovalSubject = (asked: Subject) =>
  JSON.stringify([asked.kind ?? 'exec', asked.command, asked.cwd ?? null, asked.content ?? null]);
type Subject = { kind?: ApprovalKind; command: string; cwd?: string; content?: string };

/** All that a decision about an approval depends on. */
export type ApprovalQuestion = Subject & {
  agentConfiguration?: boolean;
  warning?: string;
  allowedDecisions: ApprovalDecision[];
};

/** Returns a question as a text. A decision is valid for questions with the same text, and for no others. */
export const serializeApprovalQuestion = ({
  agentConfiguration,
  warning,
  allowedDecisions,
  ...subject
}: ApprovalQuestion) =>
  JSON.stringify([
    serializeApprovalSubject(subject),
    agentConfiguration ?? false,
    warning ?? null,
    allowedDecisions.toSorted(),
  ]);

/** What every durable event is made of, less its place in a log: a bridge adds `n`, the session's log adds `seq`. */
export const events = {
  running: z.object({ type: z.literal('task'), status: z.literal('RUNNING') }),
  toolStart: z.object({
    type: z.literal('tool'),
    phase: z.literal('start'),
    callId: text(limits.name),
    name: text(limits.name),
    title: text(limits.detail),
    /** The call's arguments as JSON text. */
    args: text(limits.toolArgs).optional(),
    /** Where in the reply's text the step stands, in UTF-16 units, so that text and steps interleave as they happened. */
    textOffset: count(),
  }),
  toolEnd: z.object({
    type: z.literal('tool'),
    phase: z.literal('end'),
    callId: text(limits.name),
    status: z.enum(['completed', 'failed']),
    output: text(limits.toolOutput),
    exitCode: count(-MAX_INT - 1).optional(),
    durationMs: z.number().min(0).max(MAX_INT).optional(),
  }),
  /** A command that waits for a person, and what became of it. A bridge's first report of an approval has status PENDING. */
  approval: z.object({
    type: z.literal('approval'),
    approvalId: Id,
    callId: text(limits.name).optional(),
    /** A command, without it. */
    kind: ApprovalKind.optional(),
    /** Or the path, or the address. */
    command: text(limits.command),
    cwd: text(limits.detail).optional(),
    /** The full new content of a file to be written. */
    content: text(limits.toolArgs).optional(),
    /** SHA-256 of `serializeApprovalSubject` in lower-case hex, which covers the exact bytes that are shown and run. */
    digest: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .optional(),
    /** The command's folder has configuration that an agent wrote, which can change what the command does. */
    agentConfiguration: z.boolean().optional(),
    /** A warning from the bridge. */
    warning: text(limits.detail).optional(),
    allowedDecisions: z.array(ApprovalDecision).min(1).max(ApprovalDecision.options.length),
    expiresAt: z.iso.datetime(),
    status: ApprovalStatus,
    textOffset: count(),
  }),
  completed: z.object({ type: z.literal('completed'), text: text(limits.reply), usage: Usage.optional() }),
  /** The end of a task that did not complete: `text` is the partial reply, which is kept. */
  error: z.object({
    type: z.literal('error'),
    status: z.enum(['FAILED', 'TIMED_OUT', 'CANCELLED']),
    reason: Reason,
    detail: text(limits.detail).optional(),
    text: text(limits.reply),
  }),
};

/**
 * A piece of the reply's text. It replaces everything from `offset` (UTF-16 units) on, unless it stands there already:
 * a repeated piece is harmless, and a rewritten ending needs no event of its own. Ephemeral: `completed` carries the whole text.
 */
const textDelta = {
  type: z.literal('text'),
  offset: z.int().min(0).max(limits.reply),
  delta: text(limits.reply),
};

/** The last lines of a running tool's output. Ephemeral: the tool's end carries the output. */
const progress = { type: z.literal('progress'), callId: text(limits.name), output: text(limits.progress) };

/** What a bridge reports of a running task without numbering it. A heartbeat says only that the task is still alive. */
export const ephemeralReports = [
  z.object(textDelta),
  z.object(progress),
  z.object({ type: z.literal('heartbeat') }),
] as const;

/** An event that rides on the bus only and has no `seq`. */
export const EphemeralEvent = z.discriminatedUnion('type', [
  z.object({ ...textDelta, taskId: Id }),
  z.object({ ...progress, taskId: Id }),
]);
export type EphemeralEvent = z.infer<typeof EphemeralEvent>;

/** `seq` counts from 1 within the session, without a gap; `at` is when the log took the event. */
const logged = { seq: z.int().min(1), at: z.iso.datetime(), taskId: Id };

/** The `decidedByRule` of an approval that was denied because too many of its task were pending. */
export const PENDING_LIMIT = 'the limit of pending approvals of a task';

/** One entry of a session's log. */
export const DurableEvent = z.discriminatedUnion('type', [
  z.object({
    ...logged,
    type: z.literal('message'),
    messageId: Id,
    requestId: Id,
    text: z.string(),
    attachments: z.array(Attachment).optional(),
  }),
  z.object({ ...logged, type: z.literal('task'), status: z.enum(['QUEUED', 'DISPATCHED', 'RUNNING']) }),
  z.discriminatedUnion('phase', [events.toolStart.extend(logged), events.toolEnd.extend(logged)]),
  /** Decided by a person of this name, or by the rule with this pattern, or by `PENDING_LIMIT`. */
  events.approval.extend({ ...logged, decidedBy: z.string().nullish(), decidedByRule: z.string().nullish() }),
  /** `late`: the task had timed out, and its reply came after all. */
  events.completed.extend({ ...logged, late: z.boolean().optional() }),
  events.error.extend(logged),
]);
export type DurableEvent = z.infer<typeof DurableEvent>;

export type ChatEvent = DurableEvent | EphemeralEvent;
export const isDurable = (event: ChatEvent): event is DurableEvent => 'seq' in event;

/** One frame of a subscription: all that one commit or one callback brought, in order. */
export type Batch = ChatEvent[];
