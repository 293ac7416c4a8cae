import type { Permission } from '@it0/contracts/permissions';
import { initTRPC, type TRPCError } from '@trpc/server';
import { explainMissingTables } from './auth/tenant/missing-tables.ts';
import type { Person, User } from './caller.ts';
import type { Context, Services } from './context.ts';
import { AppError, forbidden, tenantUnavailable, toErrorResponse } from './errors.ts';
import type { RestMeta } from './rest/rest.ts';

const t = initTRPC
  .context<Context>()
  .meta<RestMeta>()
  .create({
    // A stack must not leave the server, and formatting it takes longer than the rest of the response.
    isDev: false,
    errorFormatter({ shape, error }) {
      const { stack: _, ...data } = shape.data as typeof shape.data & { stack?: string };
      const { message, ...details } = toErrorResponse(error);
      return { ...shape, message, data: { ...data, ...details } };
    },
  });

export const router = t.router;

/** A procedure for all callers, with or without a login. */
export const publicProcedure = t.procedure.use(({ ctx, next }) => next({ ctx: toPublicContext(ctx) }));

/** A procedure for authenticated callers, by a login or an API key. */
export const authedProcedure = t.procedure.use(({ ctx, next }) =>
  next({ ctx: { ...ctx.services, caller: ctx.caller, person: requirePerson(ctx) } }),
);

/** A procedure that needs a login session, since API keys must not change the account itself. */
export const sessionProcedure = t.procedure.use(({ ctx, next }) => next({ ctx: toPersonContext(ctx) }));

/** A procedure for members of a tenant who have one of the permissions. An API key also needs it as a scope. */
export const can = (...anyOf: [Permission, ...Permission[]]) =>
  t.procedure.use(async ({ ctx, next }) => {
    const user = requireUser(ctx, ...anyOf);
    return withTenantStatus(ctx, user, await next({ ctx: { ...ctx.services, user } }));
  });

/** A procedure for members with the permission and a login session. API keys are refused. */
export const canInSession = (permission: Permission) =>
  t.procedure.use(async ({ ctx, next }) => {
    const user = requireUser(ctx, permission);
    return withTenantStatus(ctx, user, await next({ ctx: { ...toPersonContext(ctx), user } }));
  });

/** Runs `work` with the checks of `can`, for routes without a procedure. */
export async function runAsMember<T>(
  ctx: Context,
  anyOf: Permission[],
  work: (ctx: Services & { user: User }) => Promise<T>,
): Promise<T> {
  const user = requireUser(ctx, ...anyOf);
  try {
    return await work({ ...ctx.services, user });
  } catch (error) {
    throw (await explainMissingTables(ctx.services, user.tenantId, error)) ?? error;
  }
}

/** Replaces the error of missing tables with its reason. */
async function withTenantStatus<Result extends { ok: boolean; error?: TRPCError }>(
  { services }: Context,
  { tenantId }: User,
  result: Result,
): Promise<Result> {
  const error = result.error && (await explainMissingTables(services, tenantId, result.error.cause));
  if (error) throw error;
  return result;
}

function toPublicContext({ services, caller }: Context) {
  if (!caller) throw new AppError('INVALID_INPUT', 'This procedure is available over HTTP only.');
  return { ...services, caller };
}

function requirePerson({ person }: Context): Person {
  if (!person) throw new AppError('NOT_SIGNED_IN', 'Sign in first.');
  return person;
}

function toPersonContext(ctx: Context) {
  const person = requirePerson(ctx);
  const { login } = person;
  if (!login) throw new AppError('FORBIDDEN', 'API keys cannot do this. Sign in instead.');
  return { ...toPublicContext(ctx), person: { ...person, login } };
}

function requireUser(ctx: Context, ...anyOf: Permission[]): User {
  const { user } = requirePerson(ctx);
  if (!user) throw new AppError('NO_TENANT', 'You are not a member of any organization. Ask for an invitation.');
  if (!anyOf.some((permission) => user.permissions.has(permission))) throw forbidden();
  if (ctx.services.refusedTenants.has(user.tenantId)) throw tenantUnavailable();
  return user;
}
