import type { Tool, ToolUseBlock } from '@anthropic-ai/sdk/resources/messages';
import type { TaskRequest } from '@it0/contracts/bridge';
import { limits } from '@it0/contracts/limits';
import { head } from '@it0/contracts/text';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import type { ReplyBuilder } from '../reply-builder.ts';

/** The platform's tools as the model may call them. */
export type Tools = AsyncDisposable & {
  list: Tool[];
  /** Calls a tool and reports the call. A failure is a result too. */
  call(use: ToolUseBlock, signal: AbortSignal): Promise<{ output: string; isError: boolean }>;
};

const CALL_TIMEOUT_MS = 60_000;
const NO_TOOLS: Tools = {
  list: [],
  call: async ({ name }) => ({ output: `Unknown tool: ${name}`, isError: true }),
  [Symbol.asyncDispose]: async () => {},
};

/** Connects to the tools of a task. If they are unavailable, reports a failed step, and the task goes on without them. */
export async function openTools({ tools }: TaskRequest, reply: ReplyBuilder, signal: AbortSignal): Promise<Tools> {
  if (!tools) return NO_TOOLS;
  const client = new Client({ name: 'it0-bridge', version: '1' });
  const transport = new StreamableHTTPClientTransport(new URL(tools.url), {
    requestInit: { headers: { authorization: `Bearer ${tools.token}` }, redirect: 'error' },
  });
  try {
    await client.connect(transport, { signal, timeout: CALL_TIMEOUT_MS });
    const { tools: listed } = await client.listTools(undefined, { signal, timeout: CALL_TIMEOUT_MS });
    const list = listed.map(
      ({ name, description, inputSchema }): Tool => ({
        name,
        description,
        input_schema: inputSchema as Tool.InputSchema,
      }),
    );
    return {
      list,
      call: (use, callSignal) => callReported(client, reply, use, callSignal),
      [Symbol.asyncDispose]: () => client.close().catch(() => {}),
    };
  } catch (error) {
    await client.close().catch(() => {});
    if (!signal.aborted) reportUnavailable(reply, error);
    return NO_TOOLS;
  }
}

function reportUnavailable(reply: ReplyBuilder, error: unknown) {
  reply.startTool({ callId: 'tools', name: 'tools', title: 'Platform tools' });
  reply.endTool('tools', { isError: true, output: `The platform tools are unavailable. ${formatError(error)}` });
}

async function callReported(
  client: Client,
  reply: ReplyBuilder,
  { id, name, input }: ToolUseBlock,
  signal: AbortSignal,
) {
  reply.startTool({ callId: id, name, title: formatTitle(name), args: input });
  const result = await call(client, name, input, signal);
  if (!signal.aborted) reply.endTool(id, result);
  return result;
}

async function call(client: Client, name: string, input: unknown, signal: AbortSignal) {
  try {
    const options = { signal, timeout: CALL_TIMEOUT_MS };
    const result = await client.callTool({ name, arguments: input as Record<string, unknown> }, options);
    const text = result.content.flatMap((part) => (part.type === 'text' ? [part.text] : []));
    const output = text.join('\n') || JSON.stringify(result.structuredContent ?? null);
    return { output: head(output, limits.toolOutput), isError: result.isError === true };
  } catch (error) {
    return { output: formatError(error), isError: true };
  }
}

/** Formats a tool name for people: `list_instances` → `List instances`. */
const formatTitle = (name: string) => name.charAt(0).toUpperCase() + name.slice(1).replaceAll('_', ' ');

const formatError = (error: unknown) =>
  head(error instanceof Error ? error.message : 'The call failed.', limits.detail);
