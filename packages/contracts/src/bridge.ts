import { z } from 'zod';
import { Attachment } from './attachment.ts';
import { ApprovalDecision, ephemeralReports, events } from './chat-event.ts';
import { ErrorResponse } from './error-response.ts';
import { Id } from './ids.ts';
import { limits } from './limits.ts';
import { MessageRole } from './message.ts';
import { count } from './number.ts';
import { shortLine, shortText, text } from './text.ts';

/** Path of the callback, relative to the server's address. Bridges post `Callback` bodies to it. */
export const CALLBACK_PATH = '/api/v1/agent/instances/openclaw-app-callback';

/** Path of the MCP server that offers tools to engines, relative to the server's address. */
export const MCP_PATH = '/mcp';

const HttpUrl = z.url({ protocol: /^https?$/ }).max(limits.url);
const Token = z.string().min(1).max(limits.token);

/** One earlier turn of a conversation, as text. */
const Turn = z.object({ role: MessageRole, text: text(limits.reply) });
export type Turn = z.infer<typeof Turn>;

/**
 * An attachment of a task. The bridge downloads it from `url` with the task's callback token and discards it when its
 * hash differs.
 */
export const TaskAttachment = Attachment.extend({
  /** SHA-256 of the content in lower-case hex. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  url: HttpUrl,
});
export type TaskAttachment = z.infer<typeof TaskAttachment>;

/**
 * Body of `POST /task-async`, which submits a task to the bridge. 202 means that the bridge has written it to disk. The
 * `taskId` is the idempotency key: a repeated request does not start the task again, but updates its callback URL and
 * token. All requests to a bridge carry `Authorization: Bearer <the instance's secret>`. Errors have the body
 * `ErrorResponse`: 401 without the secret, 400 for invalid input, 404 for an unknown path, 413 for a body larger than
 * `limits.taskBytes`.
 */
export const TaskRequest = z.object({
  taskId: Id,
  /** Name of the conversation in the engine, from `toSessionKey`. */
  sessionKey: z.string().min(1).max(limits.name),
  message: z.string().min(1).max(limits.message),
  /** The requesting person. Commands and file tools use their workspace; without one the task has no such tools. */
  userId: Id.optional(),
  /** Access of commands and file tools to the instance's shared folder; read-only by default. */
  sharedFolder: z.enum(['read-only', 'read-write']).optional(),
  attachments: z.array(TaskAttachment).max(limits.attachments).default([]),
  /**
   * Earlier turns, oldest first: for engines that do not store conversations, and for conversations that begin with
   * another version of a message. An engine that already has the conversation ignores them.
   */
  history: z.array(Turn).max(limits.historyTurns).default([]),
  /** System prompt; defaults to the engine's own. */
  instructions: text(limits.instructions).optional(),
  /** MCP server of the platform. It acts as the requesting person; the token expires with the callback token. */
  tools: z.object({ url: HttpUrl, token: Token }).optional(),
  callbackUrl: HttpUrl,
  callbackToken: Token,
  /** Time left for the task in milliseconds. A duration, since the clocks of machines differ. */
  timeoutMs: count(1),
});
export type TaskRequest = z.infer<typeof TaskRequest>;

/**
 * Response of `GET /task-async/:taskId`; 404 when the bridge does not have the task. `DELETE` on the same path cancels
 * the task: 202, or 404. `lastN` is the number of the last report, `ackedN` of the last one that the server
 * acknowledged. `callbackFailing`: the last callback did not reach the server.
 */
export const TaskState = z.object({
  taskId: Id,
  state: z.enum(['waiting', 'running', 'ended']),
  lastN: count(),
  ackedN: count(),
  callbackFailing: z.boolean().default(false),
});
export type TaskState = z.infer<typeof TaskState>;

/**
 * Body of `POST /approvals/:approvalId`. 200: decided, also when the same decision is repeated. 404: unknown approval.
 * 409: decided differently, or no longer pending.
 */
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

/**
 * Body of `GET /readyz`: with 200 when `ready`, otherwise with 503. `GET /healthz` only shows that the process
 * responds.
 */
export const BridgeHealth = z.object({
  ready: z.boolean(),
  /** The agent is starting and makes progress, however long that takes. */
  starting: z.boolean().optional(),
  engine: z.object({ version: shortLine(limits.name).nullable(), connected: z.boolean() }),
  /** Null while the agent does not start and its model is not known. */
  model: z.object({ name: shortLine(limits.name), scripted: z.boolean() }).nullable(),
  /** Null while unknown. */
  isolation: Isolation.nullish(),
  /** Why the bridge is not ready, and how to fix it. */
  detail: shortText(limits.detail).nullable(),
});
export type BridgeHealth = z.infer<typeof BridgeHealth>;

/** `n` numbers the durable reports of a task from 1, without gaps. */
const numbered = { n: count(1) };

/** A report that the server writes to the session's log. */
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
/** A request for an approval, or the result of one. */
export type ApprovalReport = Extract<DurableReport, { type: 'approval' }>;

/** An event of a task as a bridge reports it. Ephemeral reports have no number, and the server does not store them. */
export const Report = z.discriminatedUnion('type', [...ephemeralReports, ...DurableReport.options]);
export type Report = z.infer<typeof Report>;
/** A report that the server does not store. */
export type EphemeralReport = Exclude<Report, DurableReport>;

/**
 * Body of a callback, sent with `Authorization: Bearer <callbackToken>`. Responses: 200 `CallbackAck`, otherwise an
 * `ErrorResponse`. 401 CALLBACK_TOKEN_INVALID: the bridge gives the task up. 409 EVENT_GAP: see `CallbackGap`. 410
 * TASK_ENDED: the bridge stops the task. 413 BODY_TOO_LARGE, above `limits.callbackBytes`, and 422 INVALID_INPUT: the
 * bridge finds and replaces the refused report. 400 INVALID_INPUT, for a body that is not JSON, since it was damaged on
 * the way: the bridge sends it again. 429 and 503 with Retry-After. A repeated `n` is acknowledged and otherwise ignored.
 */
export const Callback = z.object({
  taskId: Id,
  events: z.array(Report).min(1).max(limits.callbackEvents),
});
export type Callback = z.infer<typeof Callback>;

/**
 * Response to a callback. `ack`: the last `n` that the server has stored. It can be less than was sent, since the
 * server accepts a limited number of approvals per callback. `textFrom`: the offset from which the server lacks the
 * reply's text, so that the bridge sends it again. `decisions`: decisions of rules about approvals in this callback;
 * they are also delivered as usual.
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
/** Response to a callback with a gap in its numbers. `params.expected`: the `n` that the server needs next. */
export const CallbackGap = ErrorResponse.extend({
  reason: z.literal('EVENT_GAP'),
  params: z.object({ expected: count(1) }),
});
export type CallbackGap = z.infer<typeof CallbackGap>;
