import { join } from 'node:path';
import express, { type RequestHandler } from 'express';

/** The first parts of the paths at which the server itself answers, whatever follows them. */
export const serverPaths = ['api', 'assets', 'bridge', 'healthz', 'mcp', 'metrics', 'readyz', 'trpc', 'ws'];

/**
 * Serves the built page: files whose name has their hash for ever, the other files there are, and the page itself, always
 * fresh, at every path that its router can have.
 */
export function servePage(dir: string): RequestHandler {
  const router = express.Router();
  router.use('/assets', express.static(join(dir, 'assets'), { immutable: true, maxAge: '1y', index: false }));
  router.use(express.static(dir, { index: false }));
  router.get('/{*path}', (request, response, next) => {
    if (!isPagePath(request.path) || !request.accepts('html')) return next();
    // A root of its own: whether a folder above it begins with a dot is nobody's business.
    response.set('cache-control', 'no-cache').sendFile('index.html', { root: dir });
  });
  return router;
}

/** Whether the page's router can have this path: it is not the server's, and names no file. */
export function isPagePath(path: string): boolean {
  const [first = '', ...rest] = decode(path).split('/').filter(Boolean);
  if (serverPaths.includes(first.toLowerCase())) return false;
  // An invitation is its id, a dot and a signature.
  const names = first === 'invitation' ? rest.slice(1) : rest;
  return ![first, ...names].some((name) => name.includes('.'));
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    // What cannot be read is no page: a name with a dot says so.
    return '/.';
  }
}
