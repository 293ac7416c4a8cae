import type { Usage } from '@it0/contracts/chat-event';
import { limits } from '@it0/contracts/limits';
import { head, tail } from '@it0/contracts/text';
import type { End, Run } from './engine.ts';
import type { ModelFailure } from './model-failure.ts';

export type ReplyBuilder = ReturnType<typeof createReplyBuilder>;
export type ToolStart = { callId: string; name: string; title: string; args?: unknown };
export type ToolEnd = { isError: boolean; output: string; exitCode?: number };

/** The reply to one task as an engine makes it, of pieces of text and calls of tools, and told as its reports. */
export function createReplyBuilder(report: Run['report']) {
  let text = '';
  let told = 0;
  let isNewParagraph = false;
  const usage: Usage = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };
  /** The calls that have not ended, and since when they work. */
  const open = new Map<string, number>();

  return {
    text: () => text.slice(0, told),
    appendText(delta: string) {
      if (!delta) return;
      if (isNewParagraph && text) text += '\n\n'.slice(/\n{0,2}$/.exec(text)?.[0].length);
      isNewParagraph = false;
      text = head(text + delta, limits.reply);
      // The first half of a character whose second half is still to come waits for it.
      const upTo = /[\ud800-\udbff]$/.test(text) ? text.length - 1 : text.length;
      if (upTo > told) report({ type: 'text', offset: told, delta: text.slice(told, upTo) });
      told = Math.max(told, upTo);
    },
    /** What is said next does not go on with what was said last. */
    startParagraph() {
      isNewParagraph = true;
    },
    startTool({ callId, name, title, args }: ToolStart) {
      if (open.has(callId)) return;
      open.set(callId, performance.now());
      report({
        type: 'tool',
        phase: 'start',
        callId: head(callId, limits.name),
        name: head(name, limits.name),
        title: head(title, limits.detail),
        args: args === undefined ? undefined : head(JSON.stringify(args), limits.toolArgs),
        textOffset: told,
      });
    },
    endTool(callId: string, { isError: failed, output, exitCode }: ToolEnd) {
      const since = open.get(callId);
      if (since === undefined) return;
      open.delete(callId);
      report({
        type: 'tool',
        phase: 'end',
        callId: head(callId, limits.name),
        status: failed ? 'failed' : 'completed',
        output: tail(output, limits.toolOutput),
        exitCode,
        durationMs: Math.round(performance.now() - since),
      });
    },
    addUsage(more: Usage) {
      for (const key of ['input', 'output', 'cacheRead', 'cacheWrite'] as const) usage[key] += more[key];
    },
    complete: (): End => ({ type: 'completed', text: text.slice(0, told), usage }),
    fail: ({ reason, detail }: ModelFailure): End => ({
      type: 'error',
      status: 'FAILED',
      reason,
      detail: head(detail, limits.detail),
      text: text.slice(0, told),
    }),
  };
}

/** What Anthropic counts, in our words: there the input is what no cache had to do with. */
export const toUsage = (counted: {
  input_tokens?: number | null;
  output_tokens?: number | null;
  cache_read_input_tokens?: number | null;
  cache_creation_input_tokens?: number | null;
}): Usage => {
  const cacheRead = counted.cache_read_input_tokens ?? 0;
  const cacheWrite = counted.cache_creation_input_tokens ?? 0;
  const input = (counted.input_tokens ?? 0) + cacheRead + cacheWrite;
  return { input, output: counted.output_tokens ?? 0, cacheRead, cacheWrite };
};
