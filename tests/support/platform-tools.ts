import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';

/** Serves two of the platform's tools to an engine, one that works and one that fails, behind a token. */
export async function platformTools() {
  const token = 'the token of a task';
  const handler = toNodeHandler(
    createMcpHandler(() => {
      const server = new McpServer({ name: 'platform', version: '1' });
      const common = { inputSchema: z.object({}), annotations: { readOnlyHint: true } };
      server.registerTool('list_instances', { description: 'Every instance.', ...common }, () => ({
        content: [{ type: 'text', text: '[{"name":"web-1","doing":"nothing"}]' }],
      }));
      server.registerTool('recent_failures', { description: 'Recent failures.', ...common }, () => {
        throw new Error('The database is away.');
      });
      return server;
    }),
  );
  const http = createServer(async (req, res) => {
    if (req.headers.authorization === `Bearer ${token}`) return handler(req, res);
    res.writeHead(401).end();
  });
  await once(http.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`,
    token,
    async [Symbol.asyncDispose]() {
      http.close();
      http.closeAllConnections();
    },
  };
}
