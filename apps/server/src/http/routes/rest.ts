import { AppError } from '@it0/api/errors';
import { createOpenApiDocument, type RestOperation, listRestOperations } from '@it0/api/rest/document';
import { TRPCError } from '@trpc/server';
import { type Request, type RequestHandler, Router } from 'express';
import { callProcedure, findProcedureType } from '../call-procedure.ts';
import { createContext, type HttpDeps, refuseForeign } from '../context.ts';
import { readInput } from '../read-json.ts';
import { respond } from '../respond.ts';

export const restPath = '/api/v1';

/**
 * The same procedures for whoever speaks no tRPC: `openapi.json` tells which, and what it tells is what answers here.
 * The document's library could serve them as well; but it changes the schemas that tRPC reads by, drops a body whose
 * content type names a charset, and tells what an unexpected error says.
 */
export function restRoutes(known: HttpDeps): RequestHandler {
  const router = Router();
  const document = createOpenApiDocument(`${known.ingress.publicUrl?.origin ?? ''}${restPath}`);
  router.get('/openapi.json', (_request, response) => respond(response, 200, document));
  for (const [path, operations] of Map.groupBy(listRestOperations(document), ({ path }) => path)) {
    const route = router.route(path.replaceAll(/\{(\w+)\}/g, ':$1'));
    for (const operation of operations) route[operation.method](answerWith(known, operation));
    route.all(refuseMethod(operations.map(({ method }) => method.toUpperCase()).join(', ')));
  }
  return router;
}

const answerWith =
  (known: HttpDeps, operation: RestOperation): RequestHandler =>
  async (request, response) => {
    response.set('cache-control', 'no-store');
    refuseForeign(known.ingress, request);
    const { procedure } = operation;
    const [ctx, given] = await Promise.all([createContext(known, request, response), inputOf(operation, request)]);
    const input = { ...given, ...request.params };
    const answered = await callProcedure(ctx, { type: findProcedureType(procedure)!, path: procedure, input });
    if (answered === undefined) response.status(204).end();
    else respond(response, 200, answered);
  };

const refuseMethod =
  (allowed: string): RequestHandler =>
  (_request, response) => {
    response.set('allow', allowed);
    throw new TRPCError({ code: 'METHOD_NOT_SUPPORTED', message: `Only ${allowed} is answered here.` });
  };

async function inputOf({ takesBody, numbers }: RestOperation, request: Request): Promise<object> {
  if (takesBody) {
    const body = await readInput(request);
    if (typeof body !== 'object' || !body || Array.isArray(body)) {
      throw new AppError('INVALID_INPUT', 'Send a JSON object.');
    }
    return body;
  }
  const query: Record<string, unknown> = { ...request.query };
  for (const name of numbers) if (name in query) query[name] = Number(query[name] || Number.NaN);
  return query;
}
