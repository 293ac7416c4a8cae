import { initTRPC } from '@trpc/server';
import { ZodError, z } from 'zod';
import type { Context } from './context.ts';
import { AppError, reasonOf } from './errors.ts';

const t = initTRPC.context<Context>().create({
  errorFormatter({ shape, error }) {
    const reason = reasonOf(error);
    const { stack: _, ...data } = shape.data as typeof shape.data & { stack?: string };
    const issues = error.cause instanceof ZodError ? z.flattenError(error.cause) : undefined;
    // The cause's own message could be anything, an SQL statement included.
    const message = reason === 'INTERNAL' ? 'Something went wrong on the server.' : shape.message;
    return { ...shape, message, data: { ...data, reason, issues } };
  },
});

export const router = t.router;

/** A procedure for whoever is signed in. */
export const authed = t.procedure.use(({ ctx, next }) => {
  if (!ctx.user) throw new AppError('NOT_SIGNED_IN', 'Sign in first.');
  return next({ ctx: { ...ctx.services, user: ctx.user } });
});
