import type { SDKMessage, SDKResultMessage } from '@anthropic-ai/claude-agent-sdk';
import { z } from 'zod';
import type { End } from '../engine.ts';
import {
  attributeToFiles,
  createModelFailure,
  findFailureKind,
  type ModelFailureKind,
  redactKeys,
} from '../model-failure.ts';
import { type ReplyBuilder, toUsage } from '../reply-builder.ts';

const Text = z.object({ type: z.string(), text: z.string().optional() });
const ToolResult = z.object({
  type: z.literal('tool_result'),
  tool_use_id: z.string(),
  content: z.union([z.string(), z.array(Text)]).optional(),
  is_error: z.boolean().optional(),
});

/** The prefix of the bridge's tools, which report their calls themselves. */
const ownPrefix = 'mcp__it0__';

/**
 * Translates a message of Claude Code to parts of a reply. Calls `onCall` for each tool call, after the text before it.
 */
export function translate(message: SDKMessage, reply: ReplyBuilder, onCall: (callId: string) => void) {
  if (message.type === 'stream_event' && !message.parent_tool_use_id) {
    const { event } = message;
    if (event.type === 'content_block_start' && event.content_block.type === 'text') reply.startParagraph();
    if (event.type === 'content_block_delta' && event.delta.type === 'text_delta') reply.appendText(event.delta.text);
  }
  if (message.type === 'assistant') {
    for (const block of message.message.content) {
      if (block.type !== 'tool_use') continue;
      onCall(block.id);
      if (!block.name.startsWith(ownPrefix)) reply.startTool(stepOf(block.id, block.name, block.input));
    }
  }
  if (message.type === 'user' && Array.isArray(message.message.content)) {
    for (const block of message.message.content) {
      const result = ToolResult.safeParse(block);
      if (result.success) toolEnds(result.data, reply);
    }
  }
}

const stepOf = (callId: string, name: string, args: unknown) => ({
  callId,
  name: name.replace(/^mcp__\w+?__/, ''),
  title: titleOf(name),
  args,
});

/** `mcp__platform__list_instances` → `List instances`. */
function titleOf(name: string) {
  const words = name.replace(/^mcp__\w+?__/, '').replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function toolEnds({ tool_use_id, content = '', is_error = false }: z.infer<typeof ToolResult>, reply: ReplyBuilder) {
  const all = typeof content === 'string' ? content : content.map(({ text }) => text ?? '').join('\n');
  const output = all.replace(/\s*<system-reminder>[\s\S]*?<\/system-reminder>/g, '');
  const code = /^Exit code (\d+)/.exec(output)?.[1];
  reply.endTool(tool_use_id, { isError: is_error, output, exitCode: code ? Number(code) : undefined });
}

/** How a turn ended that nobody stopped; its message came with files or without. */
export function toEnd(result: SDKResultMessage, reply: ReplyBuilder, hasFiles: boolean): End {
  reply.addUsage(toUsage(result.usage));
  if (result.subtype === 'success' && !result.is_error) return reply.complete();
  const said = result.subtype === 'success' ? result.result : result.errors.join('\n');
  const known = kindOfResult(result, said);
  const kind = hasFiles ? attributeToFiles(known, said) : known;
  if (kind) return reply.fail(createModelFailure(kind, kind === 'auth' ? '' : readable(said)));
  return reply.fail({ reason: 'AGENT_ERROR', detail: readable(said) || 'Claude Code failed without saying why.' });
}

function kindOfResult(result: SDKResultMessage, said: string): ModelFailureKind | undefined {
  if (result.terminal_reason === 'prompt_too_long') return 'context_overflow';
  if (/not logged in|run \/login/i.test(said)) return 'auth';
  const status = result.subtype === 'success' ? result.api_error_status : null;
  const isOfModel = status || result.terminal_reason === 'api_error' || result.terminal_reason === 'model_error';
  return isOfModel ? findFailureKind(status ?? undefined, said) : undefined;
}

/** Without Claude Code's advice for its own command line, and anything that looks like a stack. */
const readable = (said: string) =>
  redactKeys(said)
    .split('\n')
    .filter((line) => !/^\s+at /.test(line))
    .join('\n')
    .replace(/^API Error: /, '')
    .trim();
