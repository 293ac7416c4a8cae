import type { RequestListener } from 'node:http';
import type { Services } from '@it0/api/context';
import { AppError } from '@it0/api/errors';
import { CALLBACK_PATH, MCP_PATH } from '@it0/contracts/bridge';
import express, { type ErrorRequestHandler } from 'express';
import type { HttpDeps } from './context.ts';
import { allowOtherSites } from './cors.ts';
import { servePage } from './page.ts';
import { respondError } from './respond.ts';
import { attachmentRoutes } from './routes/attachments.ts';
import { bridgeRoutes } from './routes/bridge.ts';
import { callbackRoute } from './routes/callback.ts';
import { mcpRoute } from './routes/mcp.ts';
import { type Operations, operationsRoutes } from './routes/operations.ts';
import { restPath, restRoutes } from './routes/rest.ts';
import { providerRoutes } from './routes/sign-in-provider.ts';
import { trpcPath, trpcRoute } from './routes/trpc.ts';
import { securityHeaders } from './security-headers.ts';

type Parts = {
  operations: Operations;
  /** Where files arrive. */
  uploads: string;
  /** The built page, if there is one. */
  webDir: string | undefined;
};

/** Everything that answers http. What is busy needs nothing of Express. */
export function createHttpApp(known: HttpDeps, parts: Parts): RequestListener {
  const callback = callbackRoute(known, parts.operations.metrics);
  const trpc = trpcRoute(known);
  const app = createExpressApp(known, parts);
  return (request, response) => {
    if (request.url?.startsWith(trpcPath)) return trpc(request, response);
    if (request.method === 'POST' && request.url === CALLBACK_PATH) return callback(request, response);
    app(request, response);
  };
}

/** What people and programs ask for now and then. */
export function createExpressApp(known: HttpDeps, { operations, uploads, webDir }: Parts) {
  const app = express().disable('x-powered-by').disable('etag');
  app.use(securityHeaders(known.ingress.publicUrl));
  app.use(operationsRoutes(operations));
  app.use(providerRoutes(known));
  app.use([MCP_PATH, restPath], allowOtherSites);
  app.all(MCP_PATH, mcpRoute(known));
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
    else respondError(log, request, response, cause);
  };
