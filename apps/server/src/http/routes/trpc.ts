import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { AppError } from '@it0/api/errors';
import { limits } from '@it0/contracts/limits';
import { TRPCError } from '@trpc/server';
import { getHTTPStatusCode } from '@trpc/server/http';
import type { TRPCResponse } from '@trpc/server/rpc';
import type { Logger } from 'pino';
import { type Call, callProcedure, findProcedureType, toErrorResponse } from '../call-procedure.ts';
import { createContext, type HttpDeps, refuseForeign } from '../context.ts';
import { readInput } from '../read-body.ts';
import { respond, respondError, setRetryAfter } from '../respond.ts';

export const TRPC_PATH = '/trpc/';

/**
 * Handles queries and mutations below `/trpc/`, single or in a batch, like tRPC's own adapter. That adapter converts
 * each to a web request and response, which costs more than the rest of the request.
 */
export function createTrpcRoute(deps: HttpDeps): RequestListener {
  const { log } = deps.services;
  return async (request, response) => {
    try {
      refuseForeign(deps.ingress, request);
      const [address = '', search] = request.url!.split('?', 2);
      const query = new URLSearchParams(search);
      const isBatch = query.get('batch') === '1';
      const path = decode(address.slice(TRPC_PATH.length));
      const paths = isBatch ? path.split(',', limits.batchCalls + 1) : [path];
      if (paths.length > limits.batchCalls) return refuseBatch(log, response);
      const prepared = Promise.all([createContext(deps, request, response), readProcedureInput(request, query)]);
      const responses = await Promise.all(paths.map((path, index) => handleCall(path, isBatch ? index : null)));
      response.setHeader('x-content-type-options', 'nosniff');
      response.setHeader('cache-control', 'no-store');
      setRetryAfter(response, findRetryAfter(responses));
      respond(response, getHTTPStatusCode(responses), isBatch ? responses : responses[0]);

      async function handleCall(path: string, index: number | null): Promise<TRPCResponse> {
        let call: Call | undefined;
        try {
          const [ctx, input] = await prepared;
          call = {
            path,
            type: requireProcedureType(request.method, path),
            input: index === null ? input : Object(input)[index],
          };
          return { result: { data: await callProcedure(ctx, call) } };
        } catch (cause) {
          return { error: toErrorResponse(log, cause, call) };
        }
      }
    } catch (error) {
      respondError(log, response, error);
    }
  };
}

/** Refuses a whole batch before it is parsed, in the form that a client applies to each of its calls. */
function refuseBatch(log: Logger, response: ServerResponse) {
  const error = new AppError('INVALID_INPUT', `A batch must not have more than ${limits.batchCalls} calls.`);
  respond(response, 400, { error: toErrorResponse(log, error) });
}

const findRetryAfter = (responses: TRPCResponse[]) =>
  responses.map((response) => 'error' in response && (response.error.data as ErrorData).retryAfter).find(Boolean);
type ErrorData = { retryAfter?: number };

function requireProcedureType(method: string | undefined, path: string) {
  const type = findProcedureType(path);
  if (!type) throw new TRPCError({ code: 'NOT_FOUND', message: `No procedure found on path "${path}"` });
  if (method !== (type === 'query' ? 'GET' : 'POST') || type === 'subscription') {
    throw new TRPCError({ code: 'METHOD_NOT_SUPPORTED', message: `"${path}" does not support this method.` });
  }
  return type;
}

const readProcedureInput = async (request: IncomingMessage, query: URLSearchParams) =>
  request.method === 'POST' ? readInput(request) : parse(query.get('input'));

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch (cause) {
    throw new AppError('INVALID_INPUT', 'The URL is invalid.', { cause });
  }
}

function parse(input: string | null): unknown {
  try {
    return input === null ? undefined : JSON.parse(input);
  } catch (cause) {
    throw new AppError('INVALID_INPUT', 'The input is not valid JSON.', { cause });
  }
}
