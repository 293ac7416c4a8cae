import { Id } from '@it0/contracts/ids';
import { z } from 'zod';

/**
 * The events of an OpenClaw gateway that a task's reports are made of, as little of each as is used. Payloads grow and
 * change without notice (openclaw.md's protocol 4), so what does not parse is left alone.
 */
const content = z.array(z.object({ type: z.string(), text: z.string().optional() })).catch([]);

export const ChatEvent = z.object({
  runId: z.string(),
  sessionKey: z.string(),
  state: z.enum(['delta', 'final', 'aborted', 'error']),
  message: z.object({ content }).optional().catch(undefined),
  errorMessage: z.string().optional(),
  errorDetail: z.object({ provider: z.string().optional(), failoverReason: z.string().optional() }).optional(),
});
export type ChatEvent = z.infer<typeof ChatEvent>;

const call = { toolCallId: z.string(), name: z.string().default('tool') };

const ToolItem = z.object({
  ...call,
  kind: z.literal('tool'),
  phase: z.enum(['start', 'end']),
  title: z.string().optional(),
  status: z.string().optional(),
  commandBearing: z.boolean().optional(),
  startedAt: z.number().optional(),
  endedAt: z.number().optional(),
  error: z.string().optional(),
});
const ToolStart = z.object({ ...call, phase: z.literal('start'), args: z.unknown() });
const ToolResult = z.object({
  ...call,
  phase: z.literal('result'),
  result: z
    .object({
      content,
      details: z
        .object({ exitCode: z.number().nullish(), durationMs: z.number().nullish(), aggregated: z.string().nullish() })
        .optional()
        .catch(undefined),
    })
    .optional()
    .catch(undefined),
});
const CommandOutput = z.object({
  ...call,
  phase: z.enum(['delta', 'end']),
  output: z.string().default(''),
  exitCode: z.number().nullish(),
  durationMs: z.number().nullish(),
});
const ApprovalOver = z.object({ phase: z.literal('approval-resolved'), approvalId: z.string() });
const failure = { provider: z.string().optional(), failoverReason: z.string().optional() };
/** One attempt of a run failed; there may be others. */
const AttemptFailed = z.object({
  phase: z.literal('finishing'),
  error: z.string(),
  errorObservation: z.object(failure).optional().catch(undefined),
});

const run = { runId: z.string(), sessionKey: z.string() };
export const AgentEvent = z.discriminatedUnion('stream', [
  z.object({ ...run, stream: z.literal('item'), data: ToolItem }),
  z.object({ ...run, stream: z.literal('tool'), data: z.discriminatedUnion('phase', [ToolStart, ToolResult]) }),
  z.object({ ...run, stream: z.literal('command_output'), data: CommandOutput }),
  z.object({
    ...run,
    stream: z.literal('lifecycle'),
    data: z.discriminatedUnion('phase', [ApprovalOver, AttemptFailed]),
  }),
]);
export type AgentEvent = z.infer<typeof AgentEvent>;

const approval = z.object({
  id: Id,
  request: z.object({
    command: z.string(),
    cwd: z.string().nullish(),
    toolCallId: z.string().nullish(),
    allowedDecisions: z.array(z.string()).catch([]),
    warningText: z.string().nullish(),
    /** What of its environment the command is to have otherwise. */
    envKeys: z.array(z.string()).nullish(),
    sessionKey: z.string().nullish(),
    /** Where the run's own session stands when `sessionKey` does not. */
    turnSourceTo: z.string().nullish(),
  }),
});
/** `approval.get`: what has become of a question. */
export const ApprovalFound = z.object({ approval: z.object({ status: z.string() }) });
export const ApprovalRequested = approval.extend({ expiresAtMs: z.number() });
export type ApprovalRequested = z.infer<typeof ApprovalRequested>;
export const ApprovalResolved = approval.extend({ decision: z.string().nullish(), resolvedBy: z.string().nullish() });

export type GatewayEvent =
  | ({ event: 'chat' } & ChatEvent)
  | ({ event: 'agent' } & AgentEvent)
  | ({ event: 'approval.requested' } & ApprovalRequested)
  | ({ event: 'approval.resolved' } & z.infer<typeof ApprovalResolved>);

/** What a frame says and of which session, if it is of any use here. */
export function readEvent(frame: {
  event: string;
  payload?: unknown;
}): { session: string; event: GatewayEvent } | null {
  const event = readFrame(frame);
  if (!event) return null;
  const key = 'request' in event ? (event.request.sessionKey ?? event.request.turnSourceTo) : event.sessionKey;
  return key ? { session: sessionOf(key), event } : null;
}

/** A gateway puts its agent's name before a key and writes it in lower case. */
export const sessionOf = (key: string) => key.replace(/^agent:[^:]+:/, '').toLowerCase();

export const textOf = (parts: z.infer<typeof content> | undefined) =>
  (parts ?? []).map(({ type, text }) => (type === 'text' ? (text ?? '') : '')).join('');

function readFrame({ event, payload }: { event: string; payload?: unknown }): GatewayEvent | null {
  switch (event) {
    case 'chat':
      return tagged('chat', ChatEvent.safeParse(payload));
    case 'agent':
      return tagged('agent', AgentEvent.safeParse(payload));
    case 'exec.approval.requested':
      return tagged('approval.requested', ApprovalRequested.safeParse(payload));
    case 'exec.approval.resolved':
      return tagged('approval.resolved', ApprovalResolved.safeParse(payload));
    default:
      return null;
  }
}

const tagged = <E extends string, T>(event: E, parsed: z.ZodSafeParseResult<T>) =>
  parsed.success ? { event, ...parsed.data } : null;
