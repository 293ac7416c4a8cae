import { limits } from '@it0/contracts/limits';
import { storableString } from '@it0/contracts/text';
import { transaction } from '@it0/db/transaction';
import type { PoolClient } from 'pg';
import { z } from 'zod';
import { AppError } from '../../errors.ts';
import type { PersonContext } from '../auth-services.ts';
import { buildSessionHeaders, callBetterAuth } from '../call-better-auth.ts';
import { Email, getSignInEmail, isPlaceholderEmail, PersonName } from '../email.ts';
import { endResetLinks } from '../member/grants.ts';
import { claimAddress } from './addresses.ts';

/** Account settings of a person. `createdAt` is an ISO timestamp. */
export type Account = {
  name: string;
  email: string | null;
  hasPassword: boolean;
  secondFactor: boolean;
  createdAt: string;
};

/** Returns the account of the signed-in person. */
export async function getAccount({ db, person }: PersonContext): Promise<Account> {
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

/** Changes the display name of the person. */
export async function rename(ctx: PersonContext, { name }: z.infer<typeof Rename>) {
  await callBetterAuth(ctx.auth.api.updateUser({ body: { name }, headers: buildSessionHeaders(ctx) }));
}

export const SetEmail = z.object({ email: Email, password: storableString(limits.password.max).optional() });

/**
 * Sets the sign-in address. Changing an existing one requires the password. Throws WRONG_PASSWORD, or EMAIL_TAKEN when a
 * member of the same organization has the address.
 */
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
  UPDATE public."User"
  SET "email" = $2, "claimedEmail" = $3, "emailVerified" = "emailVerified" AND "email" = $2, "updatedAt" = now()
  WHERE "id" = $1`;

const FIND_COLLEAGUE = `
  SELECT FROM public."Member" self JOIN public."Member" m ON m."organizationId" = self."organizationId"
  JOIN public."User" u ON u."id" = m."userId"
  WHERE self."userId" = $1 AND u."id" <> $1 AND (u."email" = $2 OR u."claimedEmail" = $2) LIMIT 1`;

/** Refuses the address of a member of the same organization. Accounts of other organizations are not revealed. */
async function requireNoColleague(client: PoolClient, userId: string, email: string) {
  const { rowCount } = await client.query(FIND_COLLEAGUE, [userId, email]);
  if (rowCount) throw new AppError('EMAIL_TAKEN', 'Another member of your organization has this address.');
}
