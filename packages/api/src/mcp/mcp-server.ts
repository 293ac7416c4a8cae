import { limits } from '@it0/contracts/limits';
import { type CallToolResult, createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { TRPCError } from '@trpc/server';
import type { AgentContext } from '../agent/agent-services.ts';
import { explainMissingTables } from '../auth/tenant/missing-tables.ts';
import { AppError, forbidden, toErrorResponse } from '../errors.ts';
import { type Tool, tools } from './tools.ts';

/** Key of the error reason in the `_meta` of a tool result. */
const REASON_KEY = 'it0/reason';

/** Handles an MCP request. There is no state between requests. */
export async function handleMcpRequest(ctx: AgentContext, request: Request, body: unknown): Promise<Response> {
  const handler = createMcpHandler(() => createMcpServer(ctx), { maxRequestBodySize: limits.requestBytes });
  return handler.fetch(request, { parsedBody: body });
}

/** Creates an MCP server for one request of one person. */
function createMcpServer(ctx: AgentContext): McpServer {
  const server = new McpServer({ name: 'it0', version: '1.0.0' });
  for (const [name, tool] of Object.entries(tools)) {
    const { title, description, input: inputSchema, output: outputSchema } = tool;
    const annotations = { readOnlyHint: true, openWorldHint: false };
    server.registerTool(name, { title, description, inputSchema, outputSchema, annotations }, (input) =>
      call(ctx, tool, input).catch((error: unknown) => toErrorResult(ctx, name, error)),
    );
  }
  return server;
}

async function call(ctx: AgentContext, { permission, run }: Tool, input: Record<string, unknown>) {
  if (!ctx.user.permissions.has(permission)) throw forbidden();
  return toResult(await run(ctx, input));
}

const toResult = (output: Record<string, unknown>): CallToolResult => ({
  content: [{ type: 'text', text: JSON.stringify(output) }],
  structuredContent: output,
});

/** Returns an error as text for the model, with the reason for programs. Unexpected errors are logged and masked. */
async function toErrorResult(ctx: AgentContext, tool: string, cause: unknown): Promise<CallToolResult> {
  const error = (await explainMissingTables(ctx, ctx.user.tenantId, cause)) ?? cause;
  const { reason, message } = toErrorResponse(
    error instanceof TRPCError ? error : new AppError('INTERNAL', '', { cause }),
  );
  if (reason === 'INTERNAL') ctx.log.error({ err: cause, tenantId: ctx.user.tenantId, tool }, 'tool failed');
  return { isError: true, content: [{ type: 'text', text: `${reason}: ${message}` }], _meta: { [REASON_KEY]: reason } };
}
