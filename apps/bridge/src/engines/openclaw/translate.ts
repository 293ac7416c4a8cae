import { ApprovalDecision, type ApprovalStatus } from '@it0/contracts/chat-event';
import { limits } from '@it0/contracts/limits';
import { head, tail } from '@it0/contracts/text';
import type { End, NewReport, Unnumbered } from '../engine.ts';
import type { ModelFailure } from '../model-failure.ts';
import { failureOf } from './failure.ts';
import { type AgentEvent, type ApprovalRequested, type GatewayEvent, textOf } from './gateway-event.ts';
import type { ToolResult } from './recall.ts';

type Approval = Extract<Unnumbered, { type: 'approval' }>;
type Call = {
  name: string;
  title: string;
  args?: string;
  textOffset: number;
  isStarted: boolean;
  isEnded: boolean;
  output?: string;
  exitCode?: number;
  durationMs?: number;
  /** The call is over, and only its output is still to come. */
  status?: 'completed' | 'failed';
};

export type Translation = { reports: NewReport[]; end?: End };
export type Translator = ReturnType<typeof createTranslator>;

/**
 * Turns one task's gateway events into its reports. The reply is one text, before tools and after, which only its last
 * piece may rewrite; a tool call is told once at its start and once at its end, with all that is known by then.
 * A stopped run ends as `stoppedAs` says.
 */
export function createTranslator() {
  let base = '';
  let text = '';
  /** A gateway sends a call's arguments only to the connection that sent the message, right after the call's start. */
  let expectsArgs = true;
  let trouble: string | undefined;
  const calls = new Map<string, Call>();
  const approvals = new Map<string, Approval>();

  function textBecomes(next: string): NewReport[] {
    const whole = head(base && next ? `${base}\n\n${next}` : base || next, limits.reply);
    // The first half of a character whose second half is still to come waits for it.
    const shown = /[\ud800-\udbff]$/.test(whole) ? whole.slice(0, -1) : whole;
    if (shown === text) return [];
    let offset = shown.startsWith(text) ? text.length : commonLength(text, shown);
    if (/[\ud800-\udbff]$/.test(shown.slice(0, offset))) offset -= 1;
    text = shown;
    return [{ type: 'text', offset, delta: shown.slice(offset) }];
  }

  function callOf(id: string, name: string, title?: string) {
    const call = calls.get(id) ?? {
      name,
      title: title ?? name,
      textOffset: text.length,
      isStarted: false,
      isEnded: false,
    };
    calls.set(id, call);
    return call;
  }

  function start(id: string, call: Call): NewReport[] {
    if (call.isStarted) return [];
    call.isStarted = true;
    return [
      {
        type: 'tool',
        phase: 'start',
        callId: head(id, limits.name),
        name: head(call.name, limits.name),
        title: head(call.title, limits.detail),
        args: call.args,
        textOffset: call.textOffset,
      },
    ];
  }

  function end(id: string, call: Call): NewReport[] {
    if (call.isEnded || !call.status) return [];
    call.isEnded = true;
    const { status, output = '', exitCode, durationMs } = call;
    const report: NewReport = {
      type: 'tool',
      phase: 'end',
      callId: head(id, limits.name),
      status,
      output: tail(output, limits.toolOutput),
      exitCode,
      durationMs,
    };
    return [...start(id, call), report];
  }

  /** What was held back for something that did not come. */
  const flush = () => [...calls].flatMap(([id, call]) => [...start(id, call), ...end(id, call)]);

  function agentEvent({ stream, data }: AgentEvent): NewReport[] {
    if (stream === 'lifecycle') {
      if (data.phase === 'approval-resolved') return approvalBecomes(data.approvalId, 'EXPIRED');
      trouble = failureOf({ errorMessage: data.error, errorDetail: data.errorObservation }).detail;
      return [];
    }
    const id = data.toolCallId;
    const call = callOf(id, data.name, stream === 'item' ? data.title : undefined);
    if (stream === 'item') {
      if (data.phase === 'start') return expectsArgs ? [] : start(id, call);
      call.status = data.status === 'completed' ? 'completed' : 'failed';
      call.output ??= data.error;
      if (data.startedAt && data.endedAt) call.durationMs ??= Math.max(0, data.endedAt - data.startedAt);
      return call.exitCode !== undefined || !data.commandBearing ? end(id, call) : start(id, call);
    }
    if (stream === 'tool') {
      if (data.phase === 'start') {
        call.args = argsText(data.args);
        return start(id, call);
      }
      const { content, details } = data.result ?? {};
      finished(call, details?.aggregated ?? textOf(content), details);
      return [];
    }
    if (data.phase === 'end') {
      finished(call, data.output, data);
      return end(id, call);
    }
    return [
      ...start(id, call),
      { type: 'progress', callId: head(id, limits.name), output: tail(data.output, limits.progress) },
    ];
  }

  function approvalRequested({ id, request, expiresAtMs }: ApprovalRequested): NewReport[] {
    if (approvals.has(id)) return [];
    const allowed = ApprovalDecision.options.filter((decision) => request.allowedDecisions.includes(decision));
    const approval: Approval = {
      type: 'approval',
      approvalId: id,
      callId: request.toolCallId ? head(request.toolCallId, limits.name) : undefined,
      command: head(request.command, limits.command),
      cwd: request.cwd ? head(request.cwd, limits.detail) : undefined,
      environment: request.envKeys?.slice(0, limits.environment).map((name) => head(name, limits.name)),
      warning: request.warningText ? head(request.warningText, limits.detail) : undefined,
      allowedDecisions: allowed.length > 0 ? allowed : ['deny'],
      expiresAt: new Date(expiresAtMs).toISOString(),
      status: 'PENDING',
      textOffset: text.length,
    };
    approvals.set(id, approval);
    return [...flushStarts(), approval];
  }

  const flushStarts = () => [...calls].flatMap(([id, call]) => start(id, call));

  function approvalBecomes(id: string, status: ApprovalStatus): NewReport[] {
    const approval = approvals.get(id);
    if (approval?.status !== 'PENDING') return [];
    const next = { ...approval, status };
    approvals.set(id, next);
    return [next];
  }

  function chatEvent(event: GatewayEvent & { event: 'chat' }): Translation {
    const reply = textOf(event.message?.content);
    if (event.state === 'delta') return { reports: textBecomes(reply) };
    const reports = flush();
    if (event.state === 'final') {
      if (reply) textBecomes(reply);
      return { reports, end: { type: 'completed', text } };
    }
    if (reply) textBecomes(reply);
    if (event.state === 'aborted')
      return { reports, end: failed('The agent stopped before it had finished.', 'AGENT_ERROR') };
    const { reason, detail } = failureOf(event);
    return { reports, end: failed(detail, reason) };
  }

  const failed = (detail: string, reason: ModelFailure['reason']): End => ({
    type: 'error',
    status: 'FAILED',
    reason,
    detail: head(detail, limits.detail),
    text,
  });

  return {
    take(event: GatewayEvent): Translation {
      switch (event.event) {
        case 'chat':
          return chatEvent(event);
        case 'agent':
          return { reports: agentEvent(event) };
        case 'approval.requested':
          return { reports: approvalRequested(event) };
        case 'approval.resolved':
          return { reports: approvalBecomes(event.id, decidedAs(event.decision, event.resolvedBy)) };
      }
    },
    /** Goes on with another run, or another connection: `before` is the reply up to that run, `now` what it has said. */
    follow(before: string, now: string): NewReport[] {
      base = before;
      expectsArgs = false;
      return textBecomes(now);
    },
    /** The questions that are still open here; `settle` tells what became of one meanwhile. */
    pending: () => [...approvals].flatMap(([id, { status }]) => (status === 'PENDING' ? [id] : [])),
    settle: approvalBecomes,
    /** The ends of calls that were missed. */
    finish: (results: ToolResult[]): NewReport[] =>
      results.flatMap(({ callId, isError, output }) => {
        const call = calls.get(callId);
        if (!call || call.isEnded) return [];
        call.status = isError ? 'failed' : 'completed';
        call.output ??= output;
        return end(callId, call);
      }),
    /** What last went wrong without ending the run. */
    trouble: () => trouble && head(trouble, limits.detail),
    failed,
    text: () => text,
  };
}

function decidedAs(decision: string | null | undefined, by: string | null | undefined): ApprovalStatus {
  if (decision === 'deny') return by === 'approval-scope-closed' ? 'CANCELLED' : 'DENIED';
  return decision?.startsWith('allow') ? 'ALLOWED' : 'EXPIRED';
}

type Details = { exitCode?: number | null; durationMs?: number | null };

function finished(call: Call, output: string, details: Details | undefined) {
  call.output = output;
  call.exitCode ??= details?.exitCode ?? undefined;
  call.durationMs ??= details?.durationMs ?? undefined;
}

function argsText(args: unknown) {
  const json = args === undefined ? undefined : JSON.stringify(args);
  return json === undefined ? undefined : head(json, limits.toolArgs);
}

function commonLength(a: string, b: string) {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length += 1;
  return length;
}
