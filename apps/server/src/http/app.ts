import type { RequestListener } from 'node:http';
import type { Core } from '@it0/api/core';
import { AppError } from '@it0/api/errors';
import { CALLBACK_PATH, MCP_PATH } from '@it0/contracts/bridge';
import express, { type ErrorRequestHandler } from 'express';
import { runInTurn } from '../event-loop-turn.ts';
import { type HttpDeps, readCredential } from './context.ts';
import { allowOtherSites } from './cors.ts';
import { servePage } from './page.ts';
import { respondError } from './respond.ts';
import { createAttachmentRoutes } from './routes/attachments.ts';
import { createBridgeRoutes } from './routes/bridge.ts';
import { createCallbackRoute } from './routes/callback.ts';
import { createExportRoute } from './routes/export.ts';
import { createMcpRoute } from './routes/mcp.ts';
import { createOperationsRoutes, HEALTH_PATH, type Operations } from './routes/operations.ts';
import { createRestRoutes, REST_PATH } from './routes/rest.ts';
import { createProviderRoutes } from './routes/sign-in-provider.ts';
import { createTranscriptionRoute } from './routes/transcriptions.ts';
import { createTrpcRoute, TRPC_PATH } from './routes/trpc.ts';
import { createSecurityHeaders } from './security-headers.ts';

type AppOptions = {
  operations: Operations;
  /** Aborts when the server refuses connections. Ends the requests that wait for something. */
  stopping: AbortSignal;
  /** Folder for incoming files. */
  uploads: string;
  /** Folder of the built web app. */
  webDir: string | undefined;
};

/** Creates the listener for all HTTP requests. The busiest routes bypass Express, which costs more than they do. */
export function createHttpApp(deps: HttpDeps, options: AppOptions): RequestListener {
  const callback = createCallbackRoute(deps, options.operations.metrics);
  const trpc = createTrpcRoute(deps);
  const app = createExpressApp(deps, options);
  const route: RequestListener = (request, response) => {
    if (request.url?.startsWith(TRPC_PATH)) return trpc(request, response);
    if (request.method === 'POST' && request.url === CALLBACK_PATH) return callback(request, response);
    app(request, response);
  };
  return (request, response) => {
    if (request.url === HEALTH_PATH) return app(request, response);
    // A client may be gone by its turn. Its body would never end.
    runInTurn(() => request.destroyed || route(request, response));
  };
}

/** Creates the Express app with all other routes. */
export function createExpressApp(deps: HttpDeps, { operations, stopping, uploads, webDir }: AppOptions) {
  const app = express().disable('x-powered-by').disable('etag');
  app.use(createSecurityHeaders(deps.ingress.publicUrl));
  app.use(createOperationsRoutes(operations));
  app.use(createProviderRoutes(deps));
  app.use([MCP_PATH, REST_PATH], allowOtherSites);
  app.all(MCP_PATH, createMcpRoute(deps));
  app.use(createAttachmentRoutes(deps, uploads));
  app.use(createTranscriptionRoute(deps));
  app.use(createExportRoute(deps));
  app.use(createBridgeRoutes(deps, stopping));
  app.use(REST_PATH, createRestRoutes(deps));
  if (webDir) app.use(servePage(webDir, ({ headers }) => readCredential(deps, headers) !== null));
  app.use(() => {
    throw new AppError('NOT_FOUND', 'Not found.');
  });
  app.use(handleError(deps.services));
  return app;
}

const handleError =
  ({ log }: Core): ErrorRequestHandler =>
  (cause, _request, response, next) => {
    if (response.headersSent) next(cause);
    else respondError(log, response, cause);
  };
