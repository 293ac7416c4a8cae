import type { RequestListener } from 'node:http';
import type { Services } from '@it0/api/context';
import { AppError } from '@it0/api/errors';
import { callbackPath, mcpPath } from '@it0/contracts/bridge';
import express, { type ErrorRequestHandler } from 'express';
import { answerError } from './answer.ts';
import { attachmentRoutes } from './attachments/routes.ts';
import { bridgeRoutes } from './bridge-routes.ts';
import { callbackRoute } from './callback-route.ts';
import { allowOtherSites } from './cors.ts';
import type { Known } from './identity.ts';
import { mcpRoute } from './mcp-route.ts';
import { type Operations, operationsRoutes } from './operations-routes.ts';
import { servePage } from './page.ts';
import { providerRoutes } from './provider-routes.ts';
import { restPath, restRoutes } from './rest-routes.ts';
import { securityHeaders } from './security-headers.ts';
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
  app.use(securityHeaders(known.front.publicUrl));
  app.use(operationsRoutes(operations));
  app.use(providerRoutes(known));
  app.use([mcpPath, restPath], allowOtherSites);
  app.all(mcpPath, mcpRoute(known));
  app.use(attachmentRoutes(known, uploads));
  app.use(bridgeRoutes(known));
  app.use(restPath, restRoutes(known));
  if (webDir) app.use(servePage(webDir));
  app.use(() => {
    throw new AppError('NOT_FOUND', 'There is nothing here.');
  });
  app.use(onError(known.services));
  return app;
}

const onError =
  ({ log }: Services): ErrorRequestHandler =>
  (cause, request, response, next) => {
    if (response.headersSent) next(cause);
    else answerError(log, request, response, cause);
  };
