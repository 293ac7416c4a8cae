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

const ToolItem = z.object({
  toolCallId: z.string(),
  name: z.string().default('tool'),
  kind: z.literal('tool'),
  phase: z.enum(['start', 'end']),
  title: z.string().optional(),
  status: z.string().optional(),
  error: z.string().optional(),
});
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
  z.object({ ...run, stream: z.literal('lifecycle'), data: AttemptFailed }),
]);
export type AgentEvent = z.infer<typeof AgentEvent>;

export type GatewayEvent = ({ event: 'chat' } & ChatEvent) | ({ event: 'agent' } & AgentEvent);

/** What a frame says and of which session, if it is of any use here. */
export function parseEvent(frame: {
  event: string;
  payload?: unknown;
}): { session: string; event: GatewayEvent } | null {
  const event = readFrame(frame);
  return event && { session: normalizeSessionKey(event.sessionKey), event };
}

/** A gateway puts its agent's name before a key and writes it in lower case. */
export const normalizeSessionKey = (key: string) => key.replace(/^agent:[^:]+:/, '').toLowerCase();

export const joinText = (parts: z.infer<typeof content> | undefined) =>
  (parts ?? []).map(({ type, text }) => (type === 'text' ? (text ?? '') : '')).join('');

function readFrame({ event, payload }: { event: string; payload?: unknown }): GatewayEvent | null {
  switch (event) {
    case 'chat':
      return tagged('chat', ChatEvent.safeParse(payload));
    case 'agent':
      return tagged('agent', AgentEvent.safeParse(payload));
    default:
      return null;
  }
}

const tagged = <E extends string, T>(event: E, parsed: z.ZodSafeParseResult<T>) =>
  parsed.success ? { event, ...parsed.data } : null;
