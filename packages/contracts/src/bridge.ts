import { z } from 'zod';
import { Attachment } from './attachment.ts';
import { ApprovalDecision, ephemeralReports, events } from './chat-event.ts';
import { Id } from './ids.ts';
import { limits } from './limits.ts';
import { count } from './number.ts';
import { shortLine, shortText, text } from './text.ts';

/** Where a bridge reports, below the server's own address. */
export const CALLBACK_PATH = '/api/v1/agent/instances/openclaw-app-callback';

/** Where tools are offered over MCP, below the server's own address. */
export const MCP_PATH = '/mcp';

const HttpUrl = z.url({ protocol: /^https?$/ }).max(limits.url);
const Token = z.string().min(1).max(limits.token);

/** One earlier turn of a conversation, as text. */
const Turn = z.object({ role: z.enum(['user', 'assistant']), text: text(limits.reply) });
export type Turn = z.infer<typeof Turn>;

/** A file that comes with a task: fetched from `url` with the task's callback token, and not taken when its hash differs. */
export const TaskAttachment = Attachment.extend({
  /** Of its content, in lower-case hex. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  url: HttpUrl,
});
export type TaskAttachment = z.infer<typeof TaskAttachment>;

/**
 * `POST /task-async`: hand a task to the bridge. 202: it has it, on disk. The `taskId` is the idempotency key: the same
 * again starts nothing, and the task's reports go where it says from then on.
 * All requests to a bridge carry `Authorization: Bearer <the instance's secret>`; without it 401.
 */
export const TaskRequest = z.object({
  taskId: Id,
  /** `it0:<sessionId>`: the agent's own conversation. */
  sessionKey: z.string().min(1).max(limits.name),
  message: z.string().min(1).max(limits.message),
  /** The requesting person. Commands and file tools use their workspace; without one the task has no such tools. */
  userId: Id.optional(),
  /** Access of commands and file tools to the instance's shared folder; read-only by default. */
  sharedFolder: z.enum(['read-only', 'read-write']).optional(),
  attachments: z.array(TaskAttachment).max(limits.attachments).default([]),
  /** What was said before, the oldest first, for engines that keep no conversations of their own. */
  history: z.array(Turn).max(limits.historyTurns).default([]),
  /** What the agent is to know of its place before everything else; without it the engine's own. */
  instructions: text(limits.instructions).optional(),
  /** Where the platform offers it tools over MCP, as the person who asks. The token ends with the task's. */
  tools: z.object({ url: HttpUrl, token: Token }).optional(),
  callbackUrl: HttpUrl,
  callbackToken: Token,
  /** How long the task may still take, in milliseconds from now: no two machines' clocks agree. */
  timeoutMs: count(1),
});
export type TaskRequest = z.infer<typeof TaskRequest>;

/**
 * `GET /task-async/:taskId`: what the bridge knows of a task; 404 when it never had it. `DELETE` on the same path
 * cancels: 202, 404 when it never had it. `lastN` counts the events made, `ackedN` those the server took; `callbackFailing`: its
 * last callback met nobody.
 */
export const TaskState = z.object({
  taskId: Id,
  state: z.enum(['waiting', 'running', 'ended']),
  lastN: count(),
  ackedN: count(),
  callbackFailing: z.boolean().default(false),
});
export type TaskState = z.infer<typeof TaskState>;

/** `POST /approvals/:approvalId`: 200 decided (also when this same decision is repeated), 404 unknown, 409 decided otherwise or over. */
export const DecideApproval = z.object({ decision: ApprovalDecision });
export type DecideApproval = z.infer<typeof DecideApproval>;

/** The method that isolates an agent's processes from the rest of their machine; `none` without isolation. */
export const Isolation = z
  .object({
    method: z.enum(['bubblewrap', 'namespaces', 'seatbelt', 'none']),
    /** Why there is no isolation, and how to fix it. */
    detail: z.string().max(limits.detail).nullable(),
  })
  .meta({ id: 'Isolation' });
export type Isolation = z.infer<typeof Isolation>;

/** `GET /readyz`: 200 when `ready`, else 503 with the same body. `GET /healthz` says only that the process answers. */
export const BridgeHealth = z.object({
  ready: z.boolean(),
  engine: z.object({ version: shortLine(limits.name).nullable(), connected: z.boolean() }),
  model: z.object({ name: shortLine(limits.name), scripted: z.boolean() }),
  /** Null while unknown. */
  isolation: Isolation.nullish(),
  /** What a person can do about it, when it is not ready. */
  detail: shortText(limits.detail).nullable(),
});
export type BridgeHealth = z.infer<typeof BridgeHealth>;

/** `n` counts a task's durable reports from 1 without a gap. */
const numbered = { n: count(1) };

export const DurableReport = z.discriminatedUnion('type', [
  events.running.extend(numbered),
  z.discriminatedUnion('phase', [events.toolStart.extend(numbered), events.toolEnd.extend(numbered)]),
  /** `expiresInMs` counts from when the server receives the report, since the clocks of machines differ. */
  events.approval
    .omit({ expiresAt: true })
    .required({ digest: true })
    .extend({ expiresInMs: z.int().min(0).max(limits.approvalMs), ...numbered }),
  events.completed.extend(numbered),
  events.error.extend(numbered),
]);
export type DurableReport = z.infer<typeof DurableReport>;
export type ApprovalReport = Extract<DurableReport, { type: 'approval' }>;

export const Report = z.discriminatedUnion('type', [...ephemeralReports, ...DurableReport.options]);
export type Report = z.infer<typeof Report>;
export type EphemeralReport = Exclude<Report, DurableReport>;

/**
 * The callback's body, sent with `Authorization: Bearer <callbackToken>`. Answers: 200 `CallbackAck` · 401 bad or
 * expired token · 409 `CallbackGap` · 410 the task is over: stop · 413 · 422 with the zod issues · 429 and 503 with
 * Retry-After. A repeated `n` is acknowledged and ignored.
 */
export const Callback = z.object({
  taskId: Id,
  events: z.array(Report).min(1).max(limits.callbackEvents),
});
export type Callback = z.infer<typeof Callback>;

/**
 * The last `n` that the server has, which can be less than was sent, since it takes a limited number of approvals at a
 * time. `textFrom`: the server lacks the reply's text from this offset on, so the bridge sends it again. `decisions`:
 * decisions of rules about approvals in the callback; they are also delivered as usual.
 */
export const CallbackAck = z.object({
  ack: count(),
  textFrom: count().optional(),
  decisions: z
    .array(z.object({ approvalId: Id, decision: ApprovalDecision }))
    .max(limits.callbackEvents)
    .optional(),
});
export type CallbackAck = z.infer<typeof CallbackAck>;
/** The `n` the server needs next. */
export const CallbackGap = z.object({ expected: count(1) });
