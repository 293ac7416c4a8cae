import type { Context } from '@it0/api/context';
import { appRouter } from '@it0/api/router';
import {
  type AnyTRPCRouter,
  callTRPCProcedure,
  getTRPCErrorFromUnknown,
  getTRPCErrorShape,
  type TRPCProcedureType,
} from '@trpc/server';
import type { Logger } from 'pino';
import { toCallerKey } from './context.ts';

export type Call = { type: TRPCProcedureType; path: string; input: unknown };

/** Returns the type of a procedure; undefined when it does not exist. */
export function findProcedureType(path: string): TRPCProcedureType | undefined {
  const { _def }: AnyTRPCRouter = appRouter;
  return Object.hasOwn(_def.procedures, path) ? _def.procedures[path]._def.type : undefined;
}

/** Calls a procedure within the caller's rate and concurrency limits. */
export function callProcedure(ctx: Context, call: Call): Promise<unknown> {
  const { rateLimits } = ctx.services;
  // A subscription can run for long. The socket limits their number.
  if (call.type === 'subscription') return rateLimits.countCall(toCallerKey(ctx)).then(() => run(ctx, call));
  return rateLimits.call(toCallerKey(ctx), () => run(ctx, call));
}

const run = (ctx: Context, { type, path, input }: Call): Promise<unknown> =>
  callTRPCProcedure({
    router: appRouter,
    ctx,
    path,
    type,
    getRawInput: async () => input,
    signal: undefined,
    batchIndex: 0,
  });

/** Converts an error to tRPC's error response. Logs unexpected errors. */
export function toErrorResponse(log: Logger, cause: unknown, call?: Call) {
  const error = getTRPCErrorFromUnknown(cause);
  if (error.code === 'INTERNAL_SERVER_ERROR') log.error({ err: error, path: call?.path }, 'a procedure failed');
  const { type = 'unknown', path, input } = call ?? {};
  return getTRPCErrorShape({ config: appRouter._def._config, error, type, path, input, ctx: undefined });
}
