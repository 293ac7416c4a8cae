import type { Usage } from '@it0/contracts/chat-event';
import { limits } from '@it0/contracts/limits';
import { head, tail } from '@it0/contracts/text';
import type { End, Run } from './engine.ts';
import type { ModelFailure } from './model-failure.ts';

export type ReplyBuilder = ReturnType<typeof createReplyBuilder>;
/** A tool call as its engine starts it. */
export type ToolStart = { callId: string; name: string; title: string; args?: unknown };
export type ToolEnd = { isError: boolean; output: string; exitCode?: number };

/** Builds the reply to one task from text deltas and tool calls, and reports it as it grows. */
export function createReplyBuilder(report: Run['report']) {
  let text = '';
  let reportedLength = 0;
  let isNewParagraph = false;
  const usage: Usage = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };
  /** The start times of the calls that have not ended, by call id. */
  const startTimes = new Map<string, number>();

  return {
    text: () => text.slice(0, reportedLength),
    appendText(delta: string) {
      if (!delta) return;
      if (isNewParagraph && text) text += '\n\n'.slice(/\n{0,2}$/.exec(text)?.[0].length);
      isNewParagraph = false;
      text = head(text + delta, limits.reply);
      // A high surrogate is held back until the rest of its character arrives.
      const length = /[\ud800-\udbff]$/.test(text) ? text.length - 1 : text.length;
      if (length > reportedLength)
        report({ type: 'text', offset: reportedLength, delta: text.slice(reportedLength, length) });
      reportedLength = Math.max(reportedLength, length);
    },
    /** Separates the next text from the previous text by a blank line. */
    startParagraph() {
      isNewParagraph = true;
    },
    startTool({ callId, name, title, args }: ToolStart) {
      if (startTimes.has(callId)) return;
      startTimes.set(callId, performance.now());
      report({
        type: 'tool',
        phase: 'start',
        callId: head(callId, limits.name),
        name: head(name, limits.name),
        title: head(title, limits.detail),
        args: args === undefined ? undefined : head(JSON.stringify(args), limits.toolArgs),
        textOffset: reportedLength,
      });
    },
    endTool(callId: string, { isError, output, exitCode }: ToolEnd) {
      const startedAt = startTimes.get(callId);
      if (startedAt === undefined) return;
      startTimes.delete(callId);
      report({
        type: 'tool',
        phase: 'end',
        callId: head(callId, limits.name),
        status: isError ? 'failed' : 'completed',
        output: tail(output, limits.toolOutput),
        exitCode,
        durationMs: Math.round(performance.now() - startedAt),
      });
    },
    addUsage(turn: Usage) {
      for (const key of ['input', 'output', 'cacheRead', 'cacheWrite'] as const) usage[key] += turn[key];
    },
    complete: (): End => ({ type: 'completed', text: text.slice(0, reportedLength), usage }),
    fail: ({ reason, detail }: ModelFailure): End => ({
      type: 'error',
      status: 'FAILED',
      reason,
      detail: head(detail, limits.detail),
      text: text.slice(0, reportedLength),
    }),
  };
}

/** Converts Anthropic's usage. Its `input_tokens` excludes the tokens that were read from or written to the cache. */
export const toUsage = (usage: {
  input_tokens?: number | null;
  output_tokens?: number | null;
  cache_read_input_tokens?: number | null;
  cache_creation_input_tokens?: number | null;
}): Usage => {
  const cacheRead = usage.cache_read_input_tokens ?? 0;
  const cacheWrite = usage.cache_creation_input_tokens ?? 0;
  const input = (usage.input_tokens ?? 0) + cacheRead + cacheWrite;
  return { input, output: usage.output_tokens ?? 0, cacheRead, cacheWrite };
};
