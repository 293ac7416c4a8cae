import { type ChatEvent, isTerminal } from './chat-event.ts';
import type { Part, Reply, Step, ToolStep } from './message.ts';

export type { ApprovalStep, Part, Reply, Step, ToolStep } from './message.ts';

export const createReply = (taskId: string): Reply => ({
  taskId,
  status: 'QUEUED',
  reason: null,
  detail: null,
  late: false,
  text: '',
  steps: [],
});

/**
 * The reply after one more event of its task. Pure. A text piece that would leave a hole (`offset` beyond the text) is
 * ignored: `hasGap` tells, so that the caller can ask for the text so far.
 */
export function reduceReply(reply: Reply, event: ChatEvent): Reply {
  if (reply.status === 'TIMED_OUT' && event.type === 'completed') return { ...reply, late: true, text: event.text };
  if (isTerminal(reply.status)) return reply;
  switch (event.type) {
    case 'message':
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
      const next = withStep(reply, {
        type: 'approval',
        approvalId: event.approvalId,
        callId: event.callId,
        kind: event.kind,
        command: event.command,
        cwd: event.cwd,
        content: event.content,
        digest: event.digest,
        agentConfiguration: event.agentConfiguration,
        warning: event.warning,
        allowedDecisions: event.allowedDecisions,
        expiresAt: event.expiresAt,
        status: event.status,
        decidedBy: event.decidedBy,
        decidedByRule: event.decidedByRule,
        textOffset: event.textOffset,
      });
      return { ...next, status: waits(next) ? 'WAITING_APPROVAL' : 'RUNNING' };
    }
    case 'completed':
      return { ...reply, ...ended(reply), status: 'COMPLETED', text: event.text };
    case 'error':
      return {
        ...reply,
        ...ended(reply),
        status: event.status,
        reason: event.reason,
        detail: event.detail ?? null,
        text: event.text,
      };
  }
}

/**
 * The text with one more piece in it; null when text before the piece is missing. A piece that is there already changes
 * nothing, so that a late copy cannot cut off what came after it.
 */
export function applyTextDelta(text: string, offset: number, delta: string): string | null {
  if (offset > text.length) return null;
  // The usual case: looking into a text that grows by concatenation would copy it every time.
  if (offset === text.length) return text + delta;
  return text.startsWith(delta, offset) ? text : text.slice(0, offset) + delta;
}

export const hasGap = (reply: Reply, event: ChatEvent) => event.type === 'text' && event.offset > reply.text.length;

/** The reply as it is read: text and steps in the order in which they happened. */
export function toParts(reply: Reply): Part[] {
  const parts: Part[] = [];
  let from = 0;
  const textUpTo = (to: number) => {
    const text = reply.text.slice(from, to);
    if (text.trim()) parts.push({ type: 'text', text });
    from = Math.max(from, to);
  };
  for (const step of reply.steps) {
    textUpTo(Math.max(from, step.textOffset));
    parts.push(step);
  }
  textUpTo(reply.text.length);
  return parts;
}

const waits = (reply: Reply) => reply.steps.some((step) => step.type === 'approval' && step.status === 'PENDING');

const keyOf = (step: Step) => (step.type === 'tool' ? step.callId : step.approvalId);

function withStep(reply: Reply, step: Step): Reply {
  const index = reply.steps.findIndex((other) => other.type === step.type && keyOf(other) === keyOf(step));
  return { ...reply, steps: index < 0 ? [...reply.steps, step] : reply.steps.with(index, step) };
}

function mapTool(reply: Reply, callId: string, change: (tool: ToolStep) => ToolStep): Reply {
  const steps = reply.steps.map((step) => (step.type === 'tool' && step.callId === callId ? change(step) : step));
  return { ...reply, steps };
}

/** Nothing stays open in a reply that is over. */
function ended(reply: Reply): Pick<Reply, 'steps'> {
  return {
    steps: reply.steps.map((step) => {
      if (step.type === 'tool' && step.status === 'running') return { ...step, status: 'ended' };
      if (step.type === 'approval' && step.status === 'PENDING') return { ...step, status: 'CANCELLED' };
      return step;
    }),
  };
}
