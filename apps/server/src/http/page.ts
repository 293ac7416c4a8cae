import { basename, dirname } from 'node:path';
import express, { type RequestHandler, type Response } from 'express';
import { serveFiles } from './compressed-files.ts';

/** First segments of all paths that the server itself handles. */
export const SERVER_PATHS = ['api', 'assets', 'bridge', 'healthz', 'mcp', 'metrics', 'readyz', 'trpc', 'ws'];

/**
 * Serves the built web app: hashed assets as immutable, all other files, and `index.html` at every path that the router
 * of the web app can handle. A browser revalidates these other files with their ETag before each use.
 */
export function servePage(dir: string): RequestHandler {
  const router = express.Router();
  const files = serveFiles(dir, setCacheControl);
  router.use(files);
  router.get('/{*path}', (request, response, next) => {
    if (!isPagePath(request.path) || !request.accepts('html')) return next();
    request.url = '/index.html';
    files(request, response, next);
  });
  return router;
}

function setCacheControl(response: Response, path: string) {
  const isHashed = basename(dirname(path)) === 'assets';
  response.set('cache-control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache');
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
