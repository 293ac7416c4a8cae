import type { ChatEvent } from './chat-event.ts';
import { isTerminal } from './event-kinds.ts';
import type { Part, Reply, Step, ToolStep } from './message.ts';

export type { ApprovalStep, Part, Reply, Step, ToolStep } from './message.ts';

/** Creates the empty reply of a queued task. */
export const createReply = (taskId: string): Reply => ({
  taskId,
  status: 'QUEUED',
  reason: null,
  detail: null,
  late: false,
  text: '',
  steps: [],
  endedAt: null,
  usage: null,
});

/**
 * Returns the reply after one more event of its task; a pure function, and the only reducer of server and clients. A
 * text delta beyond the end of the text is ignored: `hasGap` detects it, so that the caller can fetch the current text.
 */
export function reduceReply(reply: Reply, event: ChatEvent): Reply {
  if (reply.status === 'TIMED_OUT' && event.type === 'completed')
    return { ...reply, late: true, text: event.text, endedAt: event.at, usage: event.usage ?? null };
  if (isTerminal(reply.status)) return reply;
  if (event.type === 'model-retry') return { ...reply, modelRetry: { reason: event.reason, attempt: event.attempt } };
  const { modelRetry, ...current } = reply;
  return applyEvent(modelRetry ? current : reply, event);
}

type OtherEvent = Exclude<ChatEvent, { type: 'model-retry' }>;

function applyEvent(reply: Reply, event: OtherEvent): Reply {
  switch (event.type) {
    case 'message':
    case 'branch':
      return reply;
    case 'task':
      return { ...reply, status: event.status };
    case 'text':
      return { ...reply, text: applyTextDelta(reply.text, event.offset, event.delta) ?? reply.text };
    case 'progress':
      return mapTool(reply, event.callId, (tool) => ({ ...tool, output: event.output }));
    case 'tool':
      return event.phase === 'start'
        ? withStep(reply, {
            type: 'tool',
            callId: event.callId,
            name: event.name,
            title: event.title,
            args: event.args,
            status: 'running',
            output: '',
            startedAt: event.at,
            textOffset: event.textOffset,
          })
        : mapTool(reply, event.callId, (tool) => ({
            ...tool,
            status: event.status,
            output: event.output,
            exitCode: event.exitCode,
            durationMs: event.durationMs,
          }));
    case 'approval': {
      const { seq, at, taskId, ...step } = event;
      const next = withStep(reply, step);
      return { ...next, status: hasPendingApproval(next) ? 'WAITING_APPROVAL' : 'RUNNING' };
    }
    case 'completed':
      return {
        ...reply,
        steps: endSteps(reply),
        status: 'COMPLETED',
        text: event.text,
        endedAt: event.at,
        usage: event.usage ?? null,
      };
    case 'error':
      return {
        ...reply,
        steps: endSteps(reply),
        status: event.status,
        reason: event.reason,
        detail: event.detail ?? null,
        text: event.text,
        endedAt: event.at,
      };
  }
}

/**
 * Returns the text with a delta applied at `offset` (UTF-16 units); null when text before the delta is missing. A delta
 * that the text already contains changes nothing, so that a late copy does not cut off the text after it.
 */
export function applyTextDelta(text: string, offset: number, delta: string): string | null {
  if (offset > text.length) return null;
  // Fast path: reading a character of a concatenated string copies the whole string.
  if (offset === text.length) return text + delta;
  return text.startsWith(delta, offset) ? text : text.slice(0, offset) + delta;
}

/** Returns whether text between the reply and the event is missing. */
export const hasGap = (reply: Reply, event: ChatEvent) => event.type === 'text' && event.offset > reply.text.length;

/** Returns the text and steps of a reply in the order in which they happened. Blank text is left out. */
export function toParts(reply: Reply): Part[] {
  const parts: Part[] = [];
  let from = 0;
  const addTextUpTo = (to: number) => {
    const text = reply.text.slice(from, to);
    if (text.trim()) parts.push({ type: 'text', text });
    from = Math.max(from, to);
  };
  for (const step of reply.steps) {
    addTextUpTo(Math.max(from, step.textOffset));
    parts.push(step);
  }
  addTextUpTo(reply.text.length);
  return parts;
}

const hasPendingApproval = (reply: Reply) =>
  reply.steps.some((step) => step.type === 'approval' && step.status === 'PENDING');

const toKey = (step: Step) => (step.type === 'tool' ? step.callId : step.approvalId);

function withStep(reply: Reply, step: Step): Reply {
  const index = reply.steps.findIndex((other) => other.type === step.type && toKey(other) === toKey(step));
  return { ...reply, steps: index < 0 ? [...reply.steps, step] : reply.steps.with(index, step) };
}

function mapTool(reply: Reply, callId: string, change: (tool: ToolStep) => ToolStep): Reply {
  const steps = reply.steps.map((step) => (step.type === 'tool' && step.callId === callId ? change(step) : step));
  return { ...reply, steps };
}

/** Returns the steps of a finished reply, in which no tool is running and no approval is pending. */
function endSteps(reply: Reply): Step[] {
  return reply.steps.map((step) => {
    if (step.type === 'tool' && step.status === 'running') return { ...step, status: 'ended' };
    if (step.type === 'approval' && step.status === 'PENDING') return { ...step, status: 'CANCELLED' };
    return step;
  });
}
