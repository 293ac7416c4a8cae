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
const BRIDGE_TOOL_PREFIX = 'mcp__it0__';

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
      if (!block.name.startsWith(BRIDGE_TOOL_PREFIX)) reply.startTool(toToolStart(block.id, block.name, block.input));
    }
  }
  if (message.type === 'user' && Array.isArray(message.message.content)) {
    for (const block of message.message.content) {
      const result = ToolResult.safeParse(block);
      if (result.success) endTool(result.data, reply);
    }
  }
}

const toToolStart = (callId: string, name: string, args: unknown) => ({
  callId,
  name: name.replace(/^mcp__\w+?__/, ''),
  title: formatTitle(name),
  args,
});

/** Formats a tool name for people: `mcp__platform__list_instances` → `List instances`. */
function formatTitle(name: string) {
  const words = name.replace(/^mcp__\w+?__/, '').replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function endTool({ tool_use_id, content = '', is_error = false }: z.infer<typeof ToolResult>, reply: ReplyBuilder) {
  const all = typeof content === 'string' ? content : content.map(({ text }) => text ?? '').join('\n');
  const output = all.replace(/\s*<system-reminder>[\s\S]*?<\/system-reminder>/g, '');
  const code = /^Exit code (\d+)/.exec(output)?.[1];
  reply.endTool(tool_use_id, { isError: is_error, output, exitCode: code ? Number(code) : undefined });
}

/** Converts the result of a turn that was not stopped. `hasFiles` is set if the message had attachments. */
export function toEnd(result: SDKResultMessage, reply: ReplyBuilder, hasFiles: boolean): End {
  reply.addUsage(toUsage(result.usage));
  if (result.subtype === 'success' && !result.is_error) return reply.complete();
  const message = result.subtype === 'success' ? result.result : result.errors.join('\n');
  const detected = findKind(result, message);
  const kind = hasFiles ? attributeToFiles(detected, message) : detected;
  if (kind) return reply.fail(createModelFailure(kind, kind === 'auth' ? '' : cleanMessage(message)));
  return reply.fail({
    reason: 'AGENT_ERROR',
    detail: cleanMessage(message) || 'Claude Code failed for an unknown reason.',
  });
}

function findKind(result: SDKResultMessage, message: string): ModelFailureKind | undefined {
  if (result.terminal_reason === 'prompt_too_long') return 'context_overflow';
  if (/not logged in|run \/login/i.test(message)) return 'auth';
  const status = result.subtype === 'success' ? result.api_error_status : null;
  const isModelError = status || result.terminal_reason === 'api_error' || result.terminal_reason === 'model_error';
  return isModelError ? findFailureKind(status ?? undefined, message) : undefined;
}

/** Removes the prefix of API errors, keys and lines of a stack trace. */
const cleanMessage = (message: string) =>
  redactKeys(message)
    .split('\n')
    .filter((line) => !/^\s+at /.test(line))
    .join('\n')
    .replace(/^API Error: /, '')
    .trim();
