import type { Permission } from '@it0/contracts/permissions';
import { initTRPC, type TRPCError } from '@trpc/server';
import { explainMissingTables } from './auth/tenant/missing-tables.ts';
import type { Context, MemberContext, OpenContext, Person, PersonContext, User, UserContext } from './context.ts';
import { AppError, forbidden, tenantUnavailable, toErrorResponse } from './errors.ts';
import type { RestMeta } from './rest/rest.ts';

const t = initTRPC
  .context<Context>()
  .meta<RestMeta>()
  .create({
    // No stack, since it must not leave the server, and formatting it takes longer than the rest of a refusal.
    isDev: false,
    errorFormatter({ shape, error }) {
      const { stack: _, ...data } = shape.data as typeof shape.data & { stack?: string };
      const { message, ...failure } = toErrorResponse(error);
      return { ...shape, message, data: { ...data, ...failure } };
    },
  });

export const router = t.router;

/** A procedure for everybody, also for those who are not signed in. */
export const publicProcedure = t.procedure.use(({ ctx, next }) => next({ ctx: openContext(ctx) }));

/** A procedure for whoever is known, by a login or an API key. */
export const authedProcedure = t.procedure.use(({ ctx, next }) =>
  next({ ctx: { ...ctx.services, caller: ctx.caller, person: requirePerson(ctx) } }),
);

/** A procedure for whoever is signed in on a device: what is about the account itself is nothing for an API key. */
export const sessionProcedure = t.procedure.use(({ ctx, next }) => next({ ctx: personContext(ctx) }));

/** A procedure for members of a tenant whose role, and key if they use one, has one of the permissions. */
export const can = (...anyOf: [Permission, ...Permission[]]) =>
  t.procedure.use(async ({ ctx, next }) => {
    const user = requireUser(ctx, ...anyOf);
    return withTenantStatus(ctx, user, await next({ ctx: { ...ctx.services, user } }));
  });

/** The same for what is nothing for an API key. */
export const canInSession = (permission: Permission) =>
  t.procedure.use(async ({ ctx, next }) => {
    const user = requireUser(ctx, permission);
    return withTenantStatus(ctx, user, await next({ ctx: { ...personContext(ctx), user } satisfies MemberContext }));
  });

/** The same for what is no procedure. */
export async function asMember<T>(
  ctx: Context,
  anyOf: Permission[],
  work: (ctx: UserContext) => Promise<T>,
): Promise<T> {
  const user = requireUser(ctx, ...anyOf);
  try {
    return await work({ ...ctx.services, user });
  } catch (error) {
    throw (await explainMissingTables(ctx.services, user.tenantId, error)) ?? error;
  }
}

/** Where a tenant's tables are not there, the answer says why. */
async function withTenantStatus<Result extends { ok: boolean; error?: TRPCError }>(
  { services }: Context,
  { tenantId }: User,
  result: Result,
): Promise<Result> {
  const why = result.error && (await explainMissingTables(services, tenantId, result.error.cause));
  if (why) throw why;
  return result;
}

function openContext({ services, caller }: Context): OpenContext {
  if (!caller) throw new AppError('INVALID_INPUT', 'Ask by http for this.');
  return { ...services, caller };
}

function requirePerson({ person }: Context): Person {
  if (!person) throw new AppError('NOT_SIGNED_IN', 'Sign in first.');
  return person;
}

function personContext(ctx: Context): PersonContext {
  const person = requirePerson(ctx);
  const { login } = person;
  if (!login) throw new AppError('FORBIDDEN', 'An API key cannot do this; sign in.');
  return { ...openContext(ctx), person: { ...person, login } };
}

function requireUser(ctx: Context, ...anyOf: Permission[]): User {
  const { user } = requirePerson(ctx);
  if (!user) throw new AppError('NO_TENANT', 'You belong to no organization. Ask for an invitation.');
  if (!anyOf.some((permission) => user.permissions.has(permission))) throw forbidden();
  if (ctx.services.refusedTenants.has(user.tenantId)) throw tenantUnavailable();
  return user;
}
