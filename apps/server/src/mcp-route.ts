import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { AppError } from '@it0/api/errors';
import { answerMcp } from '@it0/api/mcp/mcp';
import { requireMcpUser } from '@it0/api/mcp/mcp-user';
import { mcpPath } from '@it0/contracts/bridge';
import type { Request as ExpressRequest, RequestHandler } from 'express';
import { isForeign, type Known, toldBy } from './identity.ts';
import { readInput } from './read-json.ts';

/** Tools for programs that speak MCP: iAgent's, and anybody's with an API key. A browser's cookie opens nothing here. */
export const mcpRoute =
  ({ services, front }: Known): RequestHandler =>
  async (request, response) => {
    response.set('cache-control', 'no-store');
    if (isForeign(front, request)) throw new AppError('ORIGIN_REFUSED', 'Another site may not use this one.');
    const shown = toldBy(request.headers);
    response.set('www-authenticate', 'Bearer');
    const user = await requireMcpUser(services, shown);
    response.removeHeader('www-authenticate');
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    const body = request.method === 'POST' ? await readInput(request) : undefined;
    const answered = await services.rateLimits.call(user.id, () =>
      answerMcp({ ...services, user }, webRequest(request, gone.signal), body),
    );
    response.writeHead(answered.status, Object.fromEntries(answered.headers));
    if (!answered.body) return void response.end();
    // Whoever hangs up has no use for the rest.
    await pipeline(Readable.fromWeb(answered.body as ReadableStream), response).catch(() => response.destroy());
  };

/** What MCP needs to know of a request; its body comes beside it, and what somebody showed of themselves stays here. */
function webRequest({ method, headers }: ExpressRequest, signal: AbortSignal): Request {
  const passed = Object.entries(headers).filter(([name]) => /^(accept|content-type|mcp-.+)$/.test(name));
  return new Request(`http://localhost${mcpPath}`, { method, headers: passed as [string, string][], signal });
}
