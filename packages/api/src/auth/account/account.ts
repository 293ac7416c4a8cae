import { limits } from '@it0/contracts/limits';
import { storableString } from '@it0/contracts/text';
import { z } from 'zod';
import type { PersonContext } from '../../context.ts';
import { AppError } from '../../errors.ts';
import { authCall, headersOf } from '../auth-call.ts';
import { Email, isNoEmail, PersonName, shownEmail } from '../email.ts';

export type Account = {
  name: string;
  email: string | null;
  hasPassword: boolean;
  secondFactor: boolean;
  /** Codes that are left for when the authenticator is lost; null without a second factor. */
  createdAt: string;
};

export async function account({ db, person }: PersonContext): Promise<Account> {
  const user = await db.platform.user.findUniqueOrThrow({
    where: { id: person.id },
    select: {
      ...{ name: true, email: true, twoFactorEnabled: true, createdAt: true },
      accounts: { where: { providerId: 'credential', password: { not: null } }, select: { id: true } },
    },
  });
  return {
    name: user.name,
    email: shownEmail(user.email),
    hasPassword: user.accounts.length > 0,
    secondFactor: user.twoFactorEnabled ?? false,
    createdAt: user.createdAt.toISOString(),
  };
}

export const Rename = z.object({ name: PersonName });

export async function rename(ctx: PersonContext, { name }: z.infer<typeof Rename>) {
  await authCall(ctx.auth.api.updateUser({ body: { name }, headers: headersOf(ctx) }));
}

export const SetEmail = z.object({ email: Email, password: storableString(limits.password.max).optional() });

/** The address somebody signs in with. One that has been given is changed with the password alone. */
export async function setEmail(ctx: PersonContext, { email, password }: z.infer<typeof SetEmail>) {
  const { internalAdapter } = await ctx.auth.$context;
  if (!isNoEmail(ctx.person.email)) {
    await ctx.rateLimits.signIn(ctx.caller, ctx.person.email);
    await authCall(ctx.auth.api.verifyPassword({ body: { password: password ?? '' }, headers: headersOf(ctx) }));
    await ctx.rateLimits.signedIn(ctx.caller, ctx.person.email);
  }
  const holder = await internalAdapter.findUserByEmail(email);
  if (holder && holder.user.id !== ctx.person.id) throw new AppError('EMAIL_TAKEN', 'Somebody else has this address.');
  await internalAdapter.updateUser(ctx.person.id, { email, emailVerified: false });
}
