import { limits } from '@it0/contracts/limits';
import { createMcpHandler } from '@modelcontextprotocol/server';
import type { UserContext } from '../context.ts';
import { createMcpServer } from './mcp-server.ts';

/** Handles an MCP request. There is no state between requests. */
export async function handleMcpRequest(ctx: UserContext, request: Request, body: unknown): Promise<Response> {
  const handler = createMcpHandler(() => createMcpServer(ctx), { maxRequestBodySize: limits.requestBytes });
  return handler.fetch(request, { parsedBody: body });
}
