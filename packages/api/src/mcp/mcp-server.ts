import { type CallToolResult, McpServer } from '@modelcontextprotocol/server';
import { TRPCError } from '@trpc/server';
import { explainMissingTables } from '../auth/tenant/missing-tables.ts';
import type { UserContext } from '../context.ts';
import { AppError, forbidden, toErrorResponse } from '../errors.ts';
import { type Tool, tools } from './tools.ts';

/** Where an error's reason stands in a tool's result. */
export const reasonKey = 'it0/reason';

/** The platform as a program sees it that speaks MCP, on behalf of one person: for one request. */
export function mcpServer(ctx: UserContext): McpServer {
  const server = new McpServer({ name: 'it0', version: '1.0.0' });
  for (const [name, tool] of Object.entries(tools)) {
    const { title, description, input: inputSchema, output: outputSchema } = tool;
    const annotations = { readOnlyHint: true, openWorldHint: false };
    server.registerTool(name, { title, description, inputSchema, outputSchema, annotations }, (input) =>
      call(ctx, tool, input).catch((error: unknown) => failed(ctx, name, error)),
    );
  }
  return server;
}

async function call(ctx: UserContext, { permission, run }: Tool, input: Record<string, unknown>) {
  if (!ctx.user.permissions.has(permission)) throw forbidden();
  return result(await run(ctx, input));
}

const result = (output: Record<string, unknown>): CallToolResult => ({
  content: [{ type: 'text', text: JSON.stringify(output) }],
  structuredContent: output,
});

/** What a model reads, and the reason for a program. What was not foreseen is logged, and masked. */
async function failed(ctx: UserContext, tool: string, cause: unknown): Promise<CallToolResult> {
  const error = (await explainMissingTables(ctx, ctx.user.tenantId, cause)) ?? cause;
  const { reason, message } = toErrorResponse(error instanceof TRPCError ? error : new AppError('INTERNAL', '', cause));
  if (reason === 'INTERNAL') ctx.log.error({ err: cause, tenantId: ctx.user.tenantId, tool }, 'a tool failed');
  return { isError: true, content: [{ type: 'text', text: `${reason}: ${message}` }], _meta: { [reasonKey]: reason } };
}
