import { join } from 'node:path';
import express, { type RequestHandler } from 'express';

/** First segments of all paths that the server itself handles. */
export const SERVER_PATHS = ['api', 'assets', 'bridge', 'healthz', 'mcp', 'metrics', 'readyz', 'trpc', 'ws'];

/**
 * Serves the built web app: hashed assets as immutable, all other files, and `index.html` without caching at every path
 * that the router of the web app can handle.
 */
export function servePage(dir: string): RequestHandler {
  const router = express.Router();
  router.use('/assets', express.static(join(dir, 'assets'), { immutable: true, maxAge: '1y', index: false }));
  router.use(express.static(dir, { index: false }));
  router.get('/{*path}', (request, response, next) => {
    if (!isPagePath(request.path) || !request.accepts('html')) return next();
    // With `root`, send ignores dot segments in the folders above it.
    response.set('cache-control', 'no-cache').sendFile('index.html', { root: dir });
  });
  return router;
}

/**
 * Returns whether the router of the web app can handle a path: the server does not, and it names no file. Express has
 * already refused paths that cannot be decoded.
 */
function isPagePath(path: string): boolean {
  const [first = '', ...rest] = decodeURIComponent(path).split('/').filter(Boolean);
  if (SERVER_PATHS.includes(first.toLowerCase())) return false;
  // The token of an invitation is its id, a dot and a signature.
  const names = first === 'invitation' ? rest.slice(1) : rest;
  return ![first, ...names].some((name) => name.includes('.'));
}
