import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import type { Services } from '@it0/api/context';
import { AppError } from '@it0/api/errors';
import { callbackPath, mcpPath } from '@it0/contracts/bridge';
import express, { type ErrorRequestHandler, type RequestHandler } from 'express';
import helmet from 'helmet';
import { answerError } from './answer.ts';
import { attachmentRoutes } from './attachments/routes.ts';
import { bridgeRoutes } from './bridge-routes.ts';
import { callbackRoute } from './callback-route.ts';
import type { Known } from './identity.ts';
import { mcpRoute } from './mcp-route.ts';
import { type Operations, operationsRoutes } from './operations-routes.ts';
import { providerRoutes } from './provider-routes.ts';
import { restPath, restRoutes } from './rest-routes.ts';
import { trpcPath, trpcRoute } from './trpc-route.ts';

type Parts = {
  operations: Operations;
  /** Where files arrive. */
  uploads: string;
  /** The built page, if there is one. */
  webDir: string | undefined;
};

/** Everything that answers http. What is busy needs nothing of Express. */
export function httpApp(known: Known, parts: Parts): RequestListener {
  const callback = callbackRoute(known, parts.operations.metrics);
  const trpc = trpcRoute(known);
  const app = expressApp(known, parts);
  return (request, response) => {
    if (request.url?.startsWith(trpcPath)) return trpc(request, response);
    if (request.method === 'POST' && request.url === callbackPath) return callback(request, response);
    app(request, response);
  };
}

/** What people and programs ask for now and then. */
export function expressApp(known: Known, { operations, uploads, webDir }: Parts) {
  const app = express().disable('x-powered-by').disable('etag');
  app.use(securityHeaders);
  app.use(operationsRoutes(operations));
  app.use(providerRoutes(known));
  app.all(mcpPath, mcpRoute(known));
  app.use(attachmentRoutes(known, uploads));
  app.use(bridgeRoutes(known));
  app.use(restPath, restRoutes(known));
  if (webDir) app.use(web(webDir));
  app.use(() => {
    throw new AppError('NOT_FOUND', 'There is nothing here.');
  });
  app.use(onError(known.services));
  return app;
}

const securityHeaders = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'self'"],
      // Toasts and floating panels place themselves with inline styles.
      styleSrc: ["'self'", "'unsafe-inline'"],
      imgSrc: ["'self'", 'data:'],
      objectSrc: ["'none'"],
      baseUri: ["'self'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
    },
  },
  strictTransportSecurity: false,
});

/** The built page: files whose name carries their hash for ever, and the page itself, always fresh, for every address. */
function web(dir: string): RequestHandler {
  const router = express.Router();
  router.use('/assets', express.static(join(dir, 'assets'), { immutable: true, maxAge: '1y', index: false }));
  router.use(express.static(dir, { index: false }));
  router.get('/{*path}', (request, response, next) => {
    if (request.path.startsWith('/api/') || request.path.startsWith('/assets/') || !request.accepts('html'))
      return next();
    response.set('cache-control', 'no-cache').sendFile(join(dir, 'index.html'));
  });
  return router;
}

const onError =
  ({ log }: Services): ErrorRequestHandler =>
  (cause, request, response, next) => {
    if (response.headersSent) next(cause);
    else answerError(log, request, response, cause);
  };
