import { z } from 'zod';

/**
 * The events of an OpenClaw gateway that reports are made of, with only the fields that are used. Payloads change without
 * notice in protocol 4, so events that do not parse are ignored.
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
export type ToolItem = z.infer<typeof ToolItem>;
const failure = { provider: z.string().optional(), failoverReason: z.string().optional() };
/** The failure of one attempt of a run. More attempts may follow. */
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

/** Parses a frame to its session and event. Returns null if the event is not used. */
export function parseEvent(frame: {
  event: string;
  payload?: unknown;
}): { session: string; event: GatewayEvent } | null {
  const event = toEvent(frame);
  return event && { session: normalizeSessionKey(event.sessionKey), event };
}

/** Removes the agent's name that a gateway puts before a session key, and converts the key to lower case. */
export const normalizeSessionKey = (key: string) => key.replace(/^agent:[^:]+:/, '').toLowerCase();

/** Concatenates the text parts of a message. */
export const joinText = (parts: z.infer<typeof content> | undefined) =>
  (parts ?? []).map(({ type, text }) => (type === 'text' ? (text ?? '') : '')).join('');

function toEvent({ event, payload }: { event: string; payload?: unknown }): GatewayEvent | null {
  switch (event) {
    case 'chat':
      return tagEvent('chat', ChatEvent.safeParse(payload));
    case 'agent':
      return tagEvent('agent', AgentEvent.safeParse(payload));
    default:
      return null;
  }
}

const tagEvent = <E extends string, T>(event: E, parsed: z.ZodSafeParseResult<T>) =>
  parsed.success ? { event, ...parsed.data } : null;
