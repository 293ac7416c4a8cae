import { AppError } from '@it0/api/errors';
import { createOpenApiDocument, listRestOperations, type RestOperation } from '@it0/api/rest/document';
import { TRPCError } from '@trpc/server';
import { type Request, type RequestHandler, Router } from 'express';
import { callProcedure, findProcedureType } from '../call-procedure.ts';
import { createContext, type HttpDeps, refuseForeign } from '../context.ts';
import { readInput } from '../read-body.ts';
import { respond } from '../respond.ts';

export const REST_PATH = '/api/v1';

/**
 * Serves procedures as REST operations, exactly those of `openapi.json`. The library that generates the document could
 * also serve them, but it modifies the schemas of tRPC, drops bodies whose content type has a charset, and exposes the
 * messages of unexpected errors.
 */
export function createRestRoutes(deps: HttpDeps): RequestHandler {
  const router = Router();
  const document = createOpenApiDocument(`${deps.ingress.publicUrl?.origin ?? ''}${REST_PATH}`);
  router.get('/openapi.json', (_request, response) => respond(response, 200, document));
  for (const [path, operations] of Map.groupBy(listRestOperations(document), ({ path }) => path)) {
    const route = router.route(path.replaceAll(/\{(\w+)\}/g, ':$1'));
    for (const operation of operations) route[operation.method](handleOperation(deps, operation));
    route.all(refuseMethod(operations.map(({ method }) => method.toUpperCase()).join(', ')));
  }
  return router;
}

const handleOperation =
  (deps: HttpDeps, operation: RestOperation): RequestHandler =>
  async (request, response) => {
    response.set('cache-control', 'no-store');
    refuseForeign(deps.ingress, request);
    const { procedure } = operation;
    const [ctx, body] = await Promise.all([
      createContext(deps, request, response),
      readOperationInput(operation, request),
    ]);
    const input = { ...body, ...request.params };
    const result = await callProcedure(ctx, { type: findProcedureType(procedure)!, path: procedure, input });
    if (result === undefined) response.status(204).end();
    else respond(response, 200, result);
  };

const refuseMethod =
  (allowed: string): RequestHandler =>
  (_request, response) => {
    response.set('allow', allowed);
    throw new TRPCError({ code: 'METHOD_NOT_SUPPORTED', message: `Allowed methods: ${allowed}.` });
  };

async function readOperationInput({ hasBody, numbers }: RestOperation, request: Request): Promise<object> {
  if (hasBody) {
    const body = await readInput(request);
    if (typeof body !== 'object' || !body || Array.isArray(body)) {
      throw new AppError('INVALID_INPUT', 'The request body must be a JSON object.');
    }
    return body;
  }
  const query: Record<string, unknown> = { ...request.query };
  for (const name of numbers) if (name in query) query[name] = Number(query[name] || Number.NaN);
  return query;
}
