import { limits } from '@it0/contracts/limits';
import { createMcpHandler } from '@modelcontextprotocol/server';
import type { UserContext } from '../context.ts';
import { mcpServer } from './mcp-server.ts';

/** Answers one MCP request; nothing is kept between two. */
export async function answerMcp(ctx: UserContext, request: Request, body: unknown): Promise<Response> {
  const handler = createMcpHandler(() => mcpServer(ctx), { maxRequestBodySize: limits.requestBytes });
  return handler.fetch(request, { parsedBody: body });
}
