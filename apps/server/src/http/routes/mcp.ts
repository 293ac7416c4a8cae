import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { handleMcpRequest } from '@it0/api/mcp/mcp';
import { requireMcpUser } from '@it0/api/mcp/mcp-user';
import { MCP_PATH } from '@it0/contracts/bridge';
import type { Request as ExpressRequest, RequestHandler } from 'express';
import { explicitCredential, type HttpDeps } from '../context.ts';
import { readInput } from '../read-json.ts';

/**
 * Serves tools over MCP, for iAgent and for programs with an API key. Cookies are not accepted, so requests from all
 * origins are allowed.
 */
export const mcpRoute =
  ({ services }: HttpDeps): RequestHandler =>
  async (request, response) => {
    response.set('cache-control', 'no-store');
    const shown = explicitCredential(request.headers);
    response.set('www-authenticate', 'Bearer');
    const user = await requireMcpUser(services, shown);
    response.removeHeader('www-authenticate');
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    const body = request.method === 'POST' ? await readInput(request) : undefined;
    const answered = await services.rateLimits.call(user.id, () =>
      handleMcpRequest({ ...services, user }, webRequest(request, gone.signal), body),
    );
    response.writeHead(answered.status, Object.fromEntries(answered.headers));
    if (!answered.body) return void response.end();
    // Whoever hangs up has no use for the rest.
    await pipeline(Readable.fromWeb(answered.body as ReadableStream), response).catch(() => response.destroy());
  };

/** What MCP needs to know of a request; its body comes beside it, and what somebody showed of themselves stays here. */
function webRequest({ method, headers }: ExpressRequest, signal: AbortSignal): Request {
  const passed = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    if (/^mcp-.+$/.test(name)) passed.set(name, String(value));
    // The library compares media types case-sensitively.
    if (/^(accept|content-type)$/.test(name)) passed.set(name, String(value).toLowerCase());
  }
  return new Request(`http://localhost${MCP_PATH}`, { method, headers: passed, signal });
}
