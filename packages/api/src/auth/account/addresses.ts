import type { PlatformClient } from '@it0/db/database';
import { type Queryable, toQueryable } from '@it0/db/queryable';
import { acquireLock } from '@it0/db/transaction';
import { AppError } from '../../errors.ts';
import { placeholderEmail } from '../email.ts';
import { findInvitationsFor } from '../invitation/valid-invitation.ts';

/*
 * better-auth looks up people by `User.email`, which is unique. A person who enters an address that another account has
 * gets it as `User.claimedEmail`. They sign in with it and their own password, and the other account keeps it. A person
 * who verifies the address gets it as `User.email`.
 */

/** A person with an address, verified or claimed. `login` is the address by which better-auth finds them. */
export type Holder = { id: string; name: string; login: string; isVerified: boolean; hasSecondFactor: boolean };

/** Maximum number of accounts per address, which bounds the password hashes of one sign-in. */
const MAX_HOLDERS = 10;

const FIND = `
  SELECT "id", "name", "email" AS "login", ("email" = $1 AND "emailVerified") AS "isVerified",
    "twoFactorEnabled" IS TRUE AS "hasSecondFactor"
  FROM public."User" WHERE "email" = $1 OR "claimedEmail" = $1
  ORDER BY 4 DESC, "createdAt", "id" LIMIT ${MAX_HOLDERS}`;

/** Finds the accounts of an address: the one that has verified it first, then the oldest. */
export const findHolders = async (db: Queryable, email: string): Promise<Holder[]> =>
  (await db.query<Holder>(FIND, [email])).rows;

/** Locks an address, so that no other transaction assigns it meanwhile. */
const lockAddress = (client: Queryable, email: string) => acquireLock(client, `address ${email}`);

/** Returns the columns for an unverified address of `userId`. Throws EMAIL_TAKEN when too many accounts have it. */
export async function claimAddress(client: Queryable, { userId, email }: { userId: string; email: string }) {
  await lockAddress(client, email);
  const holders = (await findHolders(client, email)).filter(({ id }) => id !== userId);
  if (holders.length >= MAX_HOLDERS) throw new AppError('EMAIL_TAKEN', 'Too many accounts use this address.');
  const isFree = !holders.some(({ login }) => login === email);
  return isFree ? { email, claimedEmail: null } : { email: placeholderEmail(userId), claimedEmail: email };
}

const RELEASE = `
  UPDATE public."User" SET "email" = "id" || '@it0.invalid', "claimedEmail" = "email"
  WHERE "email" = $1 AND NOT "emailVerified"`;
const HOLD = `
  UPDATE public."User" SET "email" = $2, "claimedEmail" = NULL, "emailVerified" = "emailVerified" OR $3 WHERE "id" = $1`;

/** Assigns a verified address to a person, unless another account has already verified it. */
export async function verifyAddress(client: Queryable, { userId, email }: { userId: string; email: string }) {
  await lockAddress(client, email);
  const [first] = await findHolders(client, email);
  if (first?.isVerified) return;
  await client.query(`${RELEASE} AND "id" <> $2::uuid`, [email, userId]);
  await client.query(HOLD, [userId, email, true]);
}

/**
 * Prepares a sign-in by an identity provider that has verified the address. better-auth then links the account that has
 * it as `User.email`: the only account with the address, or none when several claim it and none has verified it. An
 * account with a second factor is never linked, so it does not prevent another person from joining with that address.
 */
export const settleAddress = (platform: PlatformClient, email: string) =>
  platform.$transaction(async (client) => {
    const db = toQueryable(client);
    await lockAddress(db, email);
    const [first, ...others] = await findHolders(db, email);
    if (!first || first.isVerified) return;
    const isShared = others.length > 0 || (first.hasSecondFactor && (await findInvitationsFor(db, email)).length > 0);
    if (isShared) await db.query(RELEASE, [email]);
    else if (first.login !== email) await db.query(HOLD, [first.id, email, false]);
  });
