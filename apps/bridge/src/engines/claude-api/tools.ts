import type { Tool, ToolUseBlock } from '@anthropic-ai/sdk/resources/messages';
import type { TaskRequest } from '@it0/contracts/bridge';
import { limits } from '@it0/contracts/limits';
import { head } from '@it0/contracts/text';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import type { ReplyBuilder } from '../reply-builder.ts';

export type Tools = {
  list: Tool[];
  /** Calls one, on the reply's timeline. What goes wrong is an answer too. */
  call(use: ToolUseBlock, signal: AbortSignal): Promise<{ output: string; failed: boolean }>;
  close(): Promise<void>;
};

const callWithinMs = 60_000;
const none: Tools = {
  list: [],
  call: async ({ name }) => ({ output: `There is no tool ${name}.`, failed: true }),
  close: async () => {},
};

/** The tools the platform offers to a task. Where they cannot be had, that is a failed step, and the task goes on. */
export async function openTools({ tools }: TaskRequest, reply: ReplyBuilder, signal: AbortSignal): Promise<Tools> {
  if (!tools) return none;
  const client = new Client({ name: 'it0-bridge', version: '1' });
  const transport = new StreamableHTTPClientTransport(new URL(tools.url), {
    requestInit: { headers: { authorization: `Bearer ${tools.token}` }, redirect: 'error' },
  });
  try {
    await client.connect(transport, { signal, timeout: callWithinMs });
    const { tools: offered } = await client.listTools(undefined, { signal, timeout: callWithinMs });
    const list = offered.map(
      ({ name, description, inputSchema }): Tool => ({
        name,
        description,
        input_schema: inputSchema as Tool.InputSchema,
      }),
    );
    return { list, call: (use, stop) => onTimeline(client, reply, use, stop), close: () => client.close() };
  } catch (error) {
    await client.close().catch(() => {});
    if (!signal.aborted) tellMissing(reply, error);
    return none;
  }
}

function tellMissing(reply: ReplyBuilder, error: unknown) {
  reply.startTool({ callId: 'tools', name: 'tools', title: 'Tools of the platform' });
  reply.endTool('tools', { isError: true, output: `The tools of the platform cannot be had. ${wordsOf(error)}` });
}

async function onTimeline(client: Client, reply: ReplyBuilder, { id, name, input }: ToolUseBlock, signal: AbortSignal) {
  reply.startTool({ callId: id, name, title: titleOf(name), args: input });
  const result = await call(client, name, input, signal);
  if (!signal.aborted) reply.endTool(id, result);
  return result;
}

async function call(client: Client, name: string, input: unknown, signal: AbortSignal) {
  try {
    const options = { signal, timeout: callWithinMs };
    const result = await client.callTool({ name, arguments: input as Record<string, unknown> }, options);
    const text = result.content.flatMap((part) => (part.type === 'text' ? [part.text] : []));
    const output = text.join('\n') || JSON.stringify(result.structuredContent ?? null);
    return { output: head(output, limits.toolOutput), failed: result.isError === true };
  } catch (error) {
    return { output: wordsOf(error), failed: true };
  }
}

/** `list_instances` → `List instances`. */
const titleOf = (name: string) => name.charAt(0).toUpperCase() + name.slice(1).replaceAll('_', ' ');

const wordsOf = (error: unknown) => head(error instanceof Error ? error.message : 'It failed.', limits.detail);
