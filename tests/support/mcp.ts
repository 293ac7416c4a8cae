import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

/** Connects an MCP client, with a bearer token if given. */
export async function mcpClient(url: string, token?: string) {
  const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(new StreamableHTTPClientTransport(new URL('/mcp', url), { requestInit: { headers } }));
  return {
    client,
    /** Calls a tool. Returns its structured content, or `{ reason }` on an error. */
    async call<T = Record<string, unknown>>(name: string, args: Record<string, unknown> = {}) {
      const { structuredContent, isError, _meta } = await client.callTool({ name, arguments: args });
      return (isError ? { reason: _meta?.['it0/reason'] } : structuredContent) as T;
    },
    [Symbol.asyncDispose]: () => client.close(),
  };
}
