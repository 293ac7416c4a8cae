import { limits } from '@it0/contracts/limits';
import { head, tail } from '@it0/contracts/text';
import { createCallOffsets } from '../../tools/call-offsets.ts';
import { TOOL_PREFIX } from '../../tools/tool-server.ts';
import type { End, NewReport } from '../engine.ts';
import type { ModelFailure } from '../model-failure.ts';
import { toModelFailure } from './failure.ts';
import { type AgentEvent, type GatewayEvent, joinText } from './gateway-event.ts';

export type Translation = { reports: NewReport[]; end?: End };
export type Translator = ReturnType<typeof createTranslator>;

/**
 * Turns one task's gateway events into its reports. The reply is one text, before tools and after, which only its last
 * piece may rewrite. The calls of the bridge's own tools are reported by those who run them; here they only get their
 * place in the text. A call of any other tool was refused.
 */
export function createTranslator() {
  let base = '';
  let text = '';
  let lastError: string | undefined;
  const places = createCallOffsets(() => text.length);

  function setText(next: string): NewReport[] {
    const whole = head(base && next ? `${base}\n\n${next}` : base || next, limits.reply);
    // The first half of a character whose second half is still to come waits for it.
    const shown = /[\ud800-\udbff]$/.test(whole) ? whole.slice(0, -1) : whole;
    if (shown === text) return [];
    let offset = shown.startsWith(text) ? text.length : commonLength(text, shown);
    if (/[\ud800-\udbff]$/.test(shown.slice(0, offset))) offset -= 1;
    text = shown;
    return [{ type: 'text', offset, delta: shown.slice(offset) }];
  }

  function agentEvent({ stream, data }: AgentEvent): NewReport[] {
    if (stream === 'lifecycle') {
      lastError = toModelFailure({ errorMessage: data.error, errorDetail: data.errorObservation }).detail;
      return [];
    }
    const { toolCallId: callId, name, phase } = data;
    if (phase === 'start') places.mark(callId);
    return name.startsWith(TOOL_PREFIX) ? [] : refusedCall(data);
  }

  function refusedCall({ toolCallId, name, title = name, phase, status, error = '' }: ItemData): NewReport[] {
    const callId = head(toolCallId, limits.name);
    if (phase === 'start') {
      const step = {
        callId,
        name: head(name, limits.name),
        title: head(title, limits.detail),
        textOffset: text.length,
      };
      return [{ type: 'tool', phase, ...step }];
    }
    const output = tail(error, limits.toolOutput);
    return [{ type: 'tool', phase, callId, output, status: status === 'completed' ? 'completed' : 'failed' }];
  }

  function chatEvent(event: GatewayEvent & { event: 'chat' }): Translation {
    const reply = joinText(event.message?.content);
    if (event.state === 'delta') return { reports: setText(reply) };
    if (reply) setText(reply);
    if (event.state === 'final') return { reports: [], end: { type: 'completed', text } };
    if (event.state === 'aborted')
      return { reports: [], end: failed('The agent stopped before it had finished.', 'AGENT_ERROR') };
    const { reason, detail } = toModelFailure(event);
    return { reports: [], end: failed(detail, reason) };
  }

  const failed = (detail: string, reason: ModelFailure['reason']): End => ({
    type: 'error',
    status: 'FAILED',
    reason,
    detail: head(detail, limits.detail),
    text,
  });

  return {
    translate: (event: GatewayEvent): Translation =>
      event.event === 'chat' ? chatEvent(event) : { reports: agentEvent(event) },
    /** Goes on with another run, or another connection: `before` is the reply up to that run, `now` what it has said. */
    resume(before: string, now: string): NewReport[] {
      base = before;
      return setText(now);
    },
    /** Resolves with a call's offset in the text. */
    findOffset: places.find,
    /** What last went wrong without ending the run. */
    trouble: () => lastError && head(lastError, limits.detail),
    failed,
    text: () => text,
  };
}

type ItemData = Extract<AgentEvent, { stream: 'item' }>['data'];

function commonLength(a: string, b: string) {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length += 1;
  return length;
}
