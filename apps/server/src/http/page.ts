import { join } from 'node:path';
import express, { type Request, type RequestHandler, type Response } from 'express';
import { serveFiles } from './compressed-files.ts';

/** First segments of all paths that the server itself handles. */
export const SERVER_PATHS = ['api', 'assets', 'bridge', 'healthz', 'mcp', 'metrics', 'readyz', 'trpc', 'ws'];

/**
 * Serves the built web app: hashed assets as immutable, all other files, and a page at every path that the router of the
 * web app can handle. A browser revalidates these other files with their ETag before each use.
 *
 * Browsers without a login cookie get a small page for signing in, at any address. With an outdated cookie, the app
 * itself shows the form.
 */
export function servePage(dir: string, hasLogin: (request: Request) => boolean): RequestHandler {
  const router = express.Router();
  const assets = join(dir, 'assets');
  router.use('/assets', serveFiles(assets, setAssetHeaders, { etag: false, lastModified: false, acceptRanges: false }));
  const files = serveFiles(dir, setFileHeaders);
  router.use(files);
  router.get('/{*path}', (request, response, next) => {
    if (!isPagePath(request.path) || !request.accepts('html')) return next();
    response.vary('cookie');
    request.url = hasLogin(request) || GUEST_PATH.test(request.path) ? '/index.html' : '/sign-in.html';
    files(request, response, next);
  });
  return router;
}

/** Links that are opened without a login. */
const GUEST_PATH = /^\/(sign-in\/|invitation\/|reset-password)/;

/** Headers that have a meaning for documents only, without the policy, which an image opened as a document has. */
const DOCUMENT_HEADERS = [
  'cross-origin-opener-policy',
  'origin-agent-cluster',
  'x-dns-prefetch-control',
  'x-download-options',
  'x-frame-options',
  'x-permitted-cross-domain-policies',
  'x-xss-protection',
];
/** Headers that scripts and styles do not need either. The app has no workers there, which would need a policy. */
const POLICY_HEADERS = ['content-security-policy', 'referrer-policy'];

function setFileHeaders(response: Response, path: string) {
  response.set('cache-control', 'no-cache');
  if (!path.endsWith('.html')) removeHeaders(response, DOCUMENT_HEADERS);
}

function setAssetHeaders(response: Response, path: string) {
  response.set('cache-control', 'public, max-age=31536000, immutable');
  removeHeaders(response, DOCUMENT_HEADERS);
  if (/\.(js|css)$/.test(path)) removeHeaders(response, POLICY_HEADERS);
}

function removeHeaders(response: Response, names: string[]) {
  for (const name of names) response.removeHeader(name);
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
