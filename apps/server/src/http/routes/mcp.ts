import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { handleMcpRequest } from '@it0/api/mcp/mcp-server';
import { requireMcpUser } from '@it0/api/mcp/mcp-user';
import { MCP_PATH } from '@it0/contracts/bridge';
import type { Request as ExpressRequest, RequestHandler } from 'express';
import { type HttpDeps, readExplicitCredential } from '../context.ts';
import { readInput } from '../read-body.ts';

/**
 * Serves tools over MCP, for iAgent and for programs with an API key. Cookies are not accepted, so requests from all
 * origins are allowed.
 */
export const createMcpRoute =
  ({ services }: HttpDeps): RequestHandler =>
  async (request, response) => {
    response.set('cache-control', 'no-store');
    const credential = readExplicitCredential(request.headers);
    response.set('www-authenticate', 'Bearer');
    const user = await requireMcpUser(services, credential);
    response.removeHeader('www-authenticate');
    const disconnect = new AbortController();
    response.on('close', () => disconnect.abort());
    const body = request.method === 'POST' ? await readInput(request) : undefined;
    const result = await services.rateLimits.call(user.id, () =>
      handleMcpRequest({ ...services, user }, toWebRequest(request, disconnect.signal), body),
    );
    response.writeHead(result.status, Object.fromEntries(result.headers));
    if (!result.body) return void response.end();
    // A client that disconnects does not need the rest.
    await pipeline(Readable.fromWeb(result.body as ReadableStream), response).catch(() => response.destroy());
  };

/** Converts a request for the MCP library, without its body, which is passed separately, and without credentials. */
function toWebRequest({ method, headers }: ExpressRequest, signal: AbortSignal): Request {
  const forwarded = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    if (/^mcp-.+$/.test(name)) forwarded.set(name, String(value));
    // The library compares media types case-sensitively.
    if (/^(accept|content-type)$/.test(name)) forwarded.set(name, String(value).toLowerCase());
  }
  return new Request(`http://localhost${MCP_PATH}`, { method, headers: forwarded, signal });
}
