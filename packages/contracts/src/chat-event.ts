import { z } from 'zod';
import { Attachment } from './attachment.ts';
import { Id } from './ids.ts';
import { limits } from './limits.ts';
import { count, MAX_INT } from './number.ts';
import { Reason } from './reasons.ts';
import { text } from './text.ts';

/** Status of a task. The last four are terminal. */
export const TaskStatus = z
  .enum(['QUEUED', 'DISPATCHED', 'RUNNING', 'WAITING_APPROVAL', 'COMPLETED', 'FAILED', 'TIMED_OUT', 'CANCELLED'])
  .meta({ id: 'TaskStatus' });
export type TaskStatus = z.infer<typeof TaskStatus>;

/** Decision about an approval: the command runs once, or not at all. */
export const ApprovalDecision = z.enum(['allow-once', 'deny']).meta({ id: 'ApprovalDecision' });
export type ApprovalDecision = z.infer<typeof ApprovalDecision>;

/** Kind of an approval: a command in the sandbox, a command outside it, a file to write, or an address to fetch. */
export const ApprovalKind = z.enum(['exec', 'exec-unsandboxed', 'write', 'fetch']).meta({
  id: 'ApprovalKind',
  description:
    'The subject of the approval: a command, a command outside the sandbox, a file to write, or an address to fetch.',
});
export type ApprovalKind = z.infer<typeof ApprovalKind>;

/** Status of an approval. All but PENDING are final. */
export const ApprovalStatus = z.enum(['PENDING', 'ALLOWED', 'DENIED', 'EXPIRED', 'CANCELLED']).meta({
  id: 'ApprovalStatus',
  description: '`CANCELLED`: the task ended, or the agent did not reconnect, while the approval was pending.',
});
export type ApprovalStatus = z.infer<typeof ApprovalStatus>;

/** Token usage of a task, where the engine knows it. */
export const Usage = z
  .object({
    input: count(),
    output: count(),
    /** Parts of the input that were read from, and written to, the provider's cache. */
    cacheRead: count(),
    cacheWrite: count(),
  })
  .meta({ id: 'Usage' });
export type Usage = z.infer<typeof Usage>;

/** Serializes the subject of an approval: the text from which its digest is computed. */
export const serializeApprovalSubject = ({ kind, command, cwd, content }: Subject) =>
  JSON.stringify([kind ?? 'exec', command, cwd ?? null, content ?? null]);
type Subject = { kind?: ApprovalKind; command: string; cwd?: string; content?: string };

/** An approval request: all that a decision depends on. */
export type ApprovalRequest = Subject & {
  agentConfiguration?: boolean;
  warning?: string;
  allowedDecisions: ApprovalDecision[];
};

/** Serializes an approval request. A decision is valid only for requests with the same serialization. */
export const serializeApprovalRequest = ({
  agentConfiguration,
  warning,
  allowedDecisions,
  ...subject
}: ApprovalRequest) =>
  JSON.stringify([
    serializeApprovalSubject(subject),
    agentConfiguration ?? false,
    warning ?? null,
    allowedDecisions.toSorted(),
  ]);

const textOffset = count().describe('Offset in the reply’s text at which the step happened, in UTF-16 units.');

/** Durable events without their position: a bridge adds `n`, the session's log adds `seq`. */
export const events = {
  /** The engine has started the task. */
  running: z.object({ type: z.literal('task'), status: z.literal('RUNNING') }),
  toolStart: z.object({
    type: z.literal('tool'),
    phase: z.literal('start'),
    callId: text(limits.name),
    name: text(limits.name),
    title: text(limits.detail),
    args: text(limits.toolArgs).optional().describe('The call’s arguments as JSON text.'),
    textOffset,
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
  /** A request for an approval, or its result. A bridge's first report of an approval has the status PENDING. */
  approval: z.object({
    type: z.literal('approval'),
    approvalId: Id,
    callId: text(limits.name).optional(),
    /** Defaults to `exec`. */
    kind: ApprovalKind.optional(),
    /** The command, path or address, by `kind`. */
    command: text(limits.command),
    cwd: text(limits.detail).optional(),
    content: text(limits.toolArgs).optional().describe('The full new content of a file to be written.'),
    /** Of `serializeApprovalSubject`, which covers the exact bytes that are shown and run. */
    digest: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .optional()
      .describe('SHA-256 of the subject of the decision, in hex; also in the log and the audit.'),
    /** The configuration can change what the command does. */
    agentConfiguration: z
      .boolean()
      .optional()
      .describe('The folder contains configuration written by an agent, so that no rule allows the command.'),
    warning: text(limits.detail).optional().describe('A warning from the bridge.'),
    allowedDecisions: z.array(ApprovalDecision).min(1).max(ApprovalDecision.options.length),
    expiresAt: z.iso.datetime(),
    status: ApprovalStatus,
    textOffset,
  }),
  completed: z.object({ type: z.literal('completed'), text: text(limits.reply), usage: Usage.optional() }),
  /** The end of a task that did not complete. `text` is the partial reply. */
  error: z.object({
    type: z.literal('error'),
    status: z.enum(['FAILED', 'TIMED_OUT', 'CANCELLED']),
    reason: Reason,
    detail: text(limits.detail).optional(),
    text: text(limits.reply),
  }),
};

/**
 * A delta of the reply's text. It replaces the text from `offset` (UTF-16 units) on, unless the text already contains
 * it: a repeated delta is harmless, and a rewritten ending needs no other event. Ephemeral, since `completed` has the
 * full text.
 */
const textDelta = {
  type: z.literal('text'),
  offset: z.int().min(0).max(limits.reply),
  delta: text(limits.reply),
};

/** The last lines of a running tool's output. Ephemeral, since the end of the tool call has the output. */
const progress = { type: z.literal('progress'), callId: text(limits.name), output: text(limits.progress) };

/**
 * Failed attempts of an agent to get a response from its model, which it repeats: the reason of the last one, and their
 * number. Ephemeral: the next event of the task means that the agent no longer waits.
 */
export const ModelRetry = z
  .object({ reason: Reason, attempt: count(1) })
  .meta({ id: 'ModelRetry', description: 'Why the agent waits for its model, and how many attempts have failed.' });
export type ModelRetry = z.infer<typeof ModelRetry>;
const modelRetry = { type: z.literal('model-retry'), ...ModelRetry.shape };

/** Unnumbered reports of a bridge about a running task. A heartbeat only shows that the task is alive. */
export const ephemeralReports = [
  z.object(textDelta),
  z.object(progress),
  z.object(modelRetry),
  z.object({ type: z.literal('heartbeat') }),
] as const;

/** An event that is published on the bus but not stored. It has no `seq`. */
export const EphemeralEvent = z.discriminatedUnion('type', [
  z.object({ ...textDelta, taskId: Id }),
  z.object({ ...progress, taskId: Id }),
  z.object({ ...modelRetry, taskId: Id }),
]);
export type EphemeralEvent = z.infer<typeof EphemeralEvent>;

/** `seq` numbers the events of a session from 1, without gaps; `at` is the time at which the event was logged. */
const logged = { seq: z.int().min(1), at: z.iso.datetime(), taskId: Id };

/** Who or what decided an approval. */
export const decision = {
  decidedBy: z.string().nullish().describe('The name of the person who decided.'),
  /** Can also be `PENDING_LIMIT`. */
  decidedByRule: z.string().nullish().describe('The pattern of the rule that decided.'),
};

/** An entry of a session's log. */
export const DurableEvent = z.discriminatedUnion('type', [
  z.object({
    ...logged,
    type: z.literal('message'),
    messageId: Id,
    requestId: Id,
    text: z.string(),
    attachments: z.array(Attachment).optional(),
    branch: count().optional().describe('The branch that it continues, which is selected from then on. Defaults to 0.'),
    versionOf: Id.optional().describe('It begins its branch, as another version of the message of this task.'),
  }),
  z.object({
    ...logged,
    type: z.literal('branch'),
    branch: count().describe('The branch that the owner has selected, at the message of `taskId`.'),
  }),
  z.object({ ...logged, type: z.literal('task'), status: z.enum(['QUEUED', 'DISPATCHED', 'RUNNING']) }),
  z.discriminatedUnion('phase', [events.toolStart.extend(logged), events.toolEnd.extend(logged)]),
  events.approval.extend({ ...logged, ...decision }),
  /** `late`: the reply arrived after the task had timed out. */
  events.completed.extend({ ...logged, late: z.boolean().optional() }),
  events.error.extend(logged),
]);
export type DurableEvent = z.infer<typeof DurableEvent>;

/** An event of a session, stored or not. */
export type ChatEvent = DurableEvent | EphemeralEvent;
/** One frame of a subscription: the events of one commit or one callback, in order. */
export type Batch = ChatEvent[];
