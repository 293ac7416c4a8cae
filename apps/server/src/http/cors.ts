import type { IncomingMessage, ServerResponse } from 'node:http';

/** Response headers that pages of other origins can read. */
const EXPOSED_HEADERS = 'Allow, Content-Disposition, Mcp-Session-Id, Retry-After, WWW-Authenticate';
const ALLOWED_METHODS = 'GET, POST, PUT, PATCH, DELETE';
const PREFLIGHT_SECONDS = 600;

/**
 * Allows cross-origin requests to the routes that accept API keys. Credentials are never allowed, so browsers send no
 * cookies. That makes `*` safe: a caller with a key can read the same responses without a browser.
 */
export function allowOtherSites(request: IncomingMessage, response: ServerResponse, next: () => void) {
  const {
    origin,
    'access-control-request-method': requestedMethod,
    'access-control-request-headers': names,
  } = request.headers;
  if (!origin) return next();
  response.setHeader('access-control-allow-origin', '*');
  if (request.method !== 'OPTIONS' || !requestedMethod) {
    response.setHeader('access-control-expose-headers', EXPOSED_HEADERS);
    return next();
  }
  response.setHeader('access-control-allow-methods', ALLOWED_METHODS);
  // `*` does not cover `Authorization`.
  if (names) response.setHeader('access-control-allow-headers', names);
  response.setHeader('access-control-max-age', PREFLIGHT_SECONDS);
  response.setHeader('vary', 'Access-Control-Request-Headers');
  response.writeHead(204).end();
}
