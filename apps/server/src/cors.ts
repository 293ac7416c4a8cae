import type { IncomingMessage, ServerResponse } from 'node:http';

/** What a page of another site may read of an answer beside its body. */
const readable = 'Allow, Content-Disposition, Mcp-Session-Id, Retry-After, WWW-Authenticate';
const methods = 'GET, POST, PUT, PATCH, DELETE';
const PREFLIGHT_SECONDS = 600;

/**
 * Lets pages of other sites call what a program calls, with a key. It never allows credentials, so a browser sends no
 * cookie along with it, and `*` in the answer is safe: whoever has a key could read the same without a browser.
 */
export function allowOtherSites(request: IncomingMessage, response: ServerResponse, next: () => void) {
  const { origin, 'access-control-request-method': asked, 'access-control-request-headers': names } = request.headers;
  if (!origin) return next();
  response.setHeader('access-control-allow-origin', '*');
  if (request.method !== 'OPTIONS' || !asked) {
    response.setHeader('access-control-expose-headers', readable);
    return next();
  }
  response.setHeader('access-control-allow-methods', methods);
  // Not `*`, which leaves out `Authorization`.
  if (names) response.setHeader('access-control-allow-headers', names);
  response.setHeader('access-control-max-age', PREFLIGHT_SECONDS);
  response.setHeader('vary', 'Access-Control-Request-Headers');
  response.writeHead(204).end();
}
