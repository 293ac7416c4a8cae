import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

/** What any program does that speaks MCP. */
export async function mcpClient(url: string, token?: string) {
  const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(new StreamableHTTPClientTransport(new URL('/mcp', url), { requestInit: { headers } }));
  return {
    client,
    /** What a tool answers, or the reason why it does not. */
    async call<T = Record<string, unknown>>(name: string, args: Record<string, unknown> = {}) {
      const { structuredContent, isError, _meta } = await client.callTool({ name, arguments: args });
      return (isError ? { reason: _meta?.['it0/reason'] } : structuredContent) as T;
    },
    [Symbol.asyncDispose]: () => client.close(),
  };
}
