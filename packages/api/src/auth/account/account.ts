import { limits } from '@it0/contracts/limits';
import { storableString } from '@it0/contracts/text';
import type { PoolClient } from 'pg';
import { z } from 'zod';
import { transaction } from '../../agent/task/event-log.ts';
import type { PersonContext } from '../../context.ts';
import { AppError } from '../../errors.ts';
import { buildSessionHeaders, callBetterAuth } from '../call-better-auth.ts';
import { Email, getSignInEmail, isPlaceholderEmail, PersonName } from '../email.ts';
import { endResetLinks } from '../member/grants.ts';
import { claimAddress } from './addresses.ts';

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
      ...{ name: true, email: true, claimedEmail: true, twoFactorEnabled: true, createdAt: true },
      accounts: { where: { providerId: 'credential', password: { not: null } }, select: { id: true } },
    },
  });
  return {
    name: user.name,
    email: getSignInEmail(user),
    hasPassword: user.accounts.length > 0,
    secondFactor: user.twoFactorEnabled ?? false,
    createdAt: user.createdAt.toISOString(),
  };
}

export const Rename = z.object({ name: PersonName });

export async function rename(ctx: PersonContext, { name }: z.infer<typeof Rename>) {
  await callBetterAuth(ctx.auth.api.updateUser({ body: { name }, headers: buildSessionHeaders(ctx) }));
}

export const SetEmail = z.object({ email: Email, password: storableString(limits.password.max).optional() });

/** The address somebody signs in with. One that has been given is changed with the password alone. */
export async function setEmail(ctx: PersonContext, { email, password }: z.infer<typeof SetEmail>) {
  if (!isPlaceholderEmail(ctx.person.email)) {
    await ctx.rateLimits.signIn(ctx.caller, ctx.person.email);
    await callBetterAuth(
      ctx.auth.api.verifyPassword({ body: { password: password ?? '' }, headers: buildSessionHeaders(ctx) }),
    );
    await ctx.rateLimits.recordSignIn(ctx.caller, ctx.person.email);
  }
  const { id: userId } = ctx.person;
  await transaction(ctx.db.pool, async (client) => {
    await requireNoColleague(client, userId, email);
    const address = await claimAddress(client, { userId, email });
    await client.query(SET_ADDRESS, [userId, address.email, address.claimedEmail]);
    // Links that were sent to the former address become invalid.
    await endResetLinks(client, userId);
  });
}

const SET_ADDRESS = `
  UPDATE public."User" SET "email" = $2, "claimedEmail" = $3, "emailVerified" = "emailVerified" AND "email" = $2, "updatedAt" = now()
  WHERE "id" = $1`;

const FIND_COLLEAGUE = `
  SELECT FROM public."Member" mine JOIN public."Member" m ON m."organizationId" = mine."organizationId"
  JOIN public."User" u ON u."id" = m."userId"
  WHERE mine."userId" = $1 AND u."id" <> $1 AND (u."email" = $2 OR u."claimedEmail" = $2) LIMIT 1`;

/** Refuses the address of a member of the same organization. Accounts of other organizations are not revealed. */
async function requireNoColleague(client: PoolClient, userId: string, email: string) {
  const { rowCount } = await client.query(FIND_COLLEAGUE, [userId, email]);
  if (rowCount) throw new AppError('EMAIL_TAKEN', 'Somebody else in your organization has this address.');
}
