import { limits } from '@it0/contracts/limits';
import { head, tail } from '@it0/contracts/text';
import { createCallOffsets } from '../../tools/call-offsets.ts';
import { TOOL_PREFIX } from '../../tools/tool-server.ts';
import type { End, NewReport } from '../engine.ts';
import type { ModelFailure } from '../model-failure.ts';
import { toModelFailure } from './failure.ts';
import { type AgentEvent, type GatewayEvent, joinText } from './gateway-event.ts';

/** The reports of an event, and the end of the task if the event is the last one. */
export type Translation = { reports: NewReport[]; end?: End };
export type Translator = ReturnType<typeof createTranslator>;

/**
 * Translates the gateway events of one task to reports. The reply is one text across tool calls and runs, of which
 * a run may rewrite its own part. The bridge's tools report their calls themselves: here, such a call only gets its
 * offset in the text. The plugin blocks calls of all other tools.
 */
export function createTranslator() {
  let base = '';
  let text = '';
  let lastError: string | undefined;
  const offsets = createCallOffsets(() => text.length);

  function setText(next: string): NewReport[] {
    const fullText = head(base && next ? `${base}\n\n${next}` : base || next, limits.reply);
    // A high surrogate is held back until the rest of its character arrives.
    const newText = /[\ud800-\udbff]$/.test(fullText) ? fullText.slice(0, -1) : fullText;
    if (newText === text) return [];
    let offset = newText.startsWith(text) ? text.length : commonLength(text, newText);
    if (/[\ud800-\udbff]$/.test(newText.slice(0, offset))) offset -= 1;
    text = newText;
    return [{ type: 'text', offset, delta: newText.slice(offset) }];
  }

  function translateAgentEvent({ stream, data }: AgentEvent): NewReport[] {
    if (stream === 'lifecycle') {
      lastError = toModelFailure({ errorMessage: data.error, errorDetail: data.errorObservation }).detail;
      return [];
    }
    const { toolCallId: callId, name, phase } = data;
    if (phase === 'start') offsets.mark(callId);
    return name.startsWith(TOOL_PREFIX) ? [] : reportBlockedCall(data);
  }

  function reportBlockedCall({ toolCallId, name, title = name, phase, status, error = '' }: ItemData): NewReport[] {
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

  function translateChatEvent(event: GatewayEvent & { event: 'chat' }): Translation {
    const reply = joinText(event.message?.content);
    if (event.state === 'delta') return { reports: setText(reply) };
    if (reply) setText(reply);
    if (event.state === 'final') return { reports: [], end: { type: 'completed', text } };
    if (event.state === 'aborted')
      return { reports: [], end: fail('The agent stopped before it finished.', 'AGENT_ERROR') };
    const { reason, detail } = toModelFailure(event);
    return { reports: [], end: fail(detail, reason) };
  }

  const fail = (detail: string, reason: ModelFailure['reason']): End => ({
    type: 'error',
    status: 'FAILED',
    reason,
    detail: head(detail, limits.detail),
    text,
  });

  return {
    translate: (event: GatewayEvent): Translation =>
      event.event === 'chat' ? translateChatEvent(event) : { reports: translateAgentEvent(event) },
    /** Continues with another run or connection. The reply is the text of earlier runs, then that of this run. */
    resume(previousText: string, currentText: string): NewReport[] {
      base = previousText;
      return setText(currentText);
    },
    /** Resolves with a call's offset in the text. */
    findOffset: offsets.find,
    /** Returns the last error that did not end the run. */
    lastError: () => lastError && head(lastError, limits.detail),
    fail,
    text: () => text,
  };
}

type ItemData = Extract<AgentEvent, { stream: 'item' }>['data'];

function commonLength(a: string, b: string) {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length += 1;
  return length;
}
