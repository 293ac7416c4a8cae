import { readdirSync } from 'node:fs';
import { extname, sep } from 'node:path';
import express, { type RequestHandler, type Response } from 'express';

/** Encodings that the build of the web app has written ahead, the best first, with the ending of their files. */
const ENCODINGS = [
  { name: 'br', ending: '.br' },
  { name: 'gzip', ending: '.gz' },
] as const;

/**
 * Serves the files of a folder, each as the best version that the client accepts: `main.js.br`, `main.js.gz` or
 * `main.js`. `setHeaders` gets the path of the file without the ending of the version.
 */
export function serveFiles(
  dir: string,
  setHeaders: (response: Response, path: string) => void,
  options?: Parameters<typeof express.static>[1],
): RequestHandler {
  const files = new Set(readdirSync(dir, { recursive: true }).map((name) => `/${String(name).replaceAll(sep, '/')}`));
  const serve = express.static(dir, {
    ...options,
    index: false,
    // The route sets the cache control of each file.
    cacheControl: false,
    setHeaders(response: Response, file) {
      const encoding = ENCODINGS.find(({ ending }) => file.endsWith(ending));
      const path = encoding ? file.slice(0, -encoding.ending.length) : file;
      if (encoding) response.type(extname(path)).set('content-encoding', encoding.name);
      setHeaders(response, path);
    },
  });
  return (request, response, next) => {
    const { path, url } = request;
    if (ENCODINGS.some(({ ending }) => path.endsWith(ending))) return next();
    const versions = ENCODINGS.filter(({ ending }) => files.has(path + ending));
    if (versions.length > 0) response.vary('accept-encoding');
    const best = versions.find(({ name }) => request.acceptsEncodings(name));
    if (best) request.url = path + best.ending;
    serve(request, response, (error) => {
      request.url = url;
      next(error);
    });
  };
}
