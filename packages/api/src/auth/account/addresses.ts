import { AppError } from '../../errors.ts';
import { noEmail } from '../email.ts';
import type { Queryable } from '../queryable.ts';

/*
 * better-auth looks people up by `User.email`, which is unique. A person who gives an address that another account has
 * gets it as `User.claimedEmail`: they sign in with it and their own password, and the other account keeps it too. A
 * proven owner gets it as `User.email`.
 */

/** A person who gave an address. `login` is the address that better-auth knows them by. */
export type Holder = { id: string; name: string; login: string; isProven: boolean };

/** Bounds the accounts of one address, and with them the hashes of one sign-in. */
const MAX_HOLDERS = 10;

const FIND = `
  SELECT "id", "name", "email" AS "login", ("email" = $1 AND "emailVerified") AS "isProven"
  FROM public."User" WHERE "email" = $1 OR "claimedEmail" = $1
  ORDER BY 4 DESC, "createdAt", "id" LIMIT ${MAX_HOLDERS}`;

/** Finds the accounts of an address: first the one that has proven it, then the oldest. */
export const findHolders = async (db: Queryable, email: string): Promise<Holder[]> =>
  (await db.query<Holder>(FIND, [email])).rows;

/** Lets no other transaction give this address to an account. */
const lockAddress = (client: Queryable, email: string) =>
  client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`address ${email}`]);

/** Returns the columns that hold an unproven address of `userId`. */
export async function claimAddress(client: Queryable, { userId, email }: { userId: string; email: string }) {
  await lockAddress(client, email);
  const holders = (await findHolders(client, email)).filter(({ id }) => id !== userId);
  if (holders.length >= MAX_HOLDERS) throw new AppError('EMAIL_TAKEN', 'Too many people have given this address.');
  const isFree = !holders.some(({ login }) => login === email);
  return isFree ? { email, claimedEmail: null } : { email: noEmail(userId), claimedEmail: email };
}

const RELEASE = `
  UPDATE public."User" SET "email" = "id" || '@it0.invalid', "claimedEmail" = "email"
  WHERE "email" = $1 AND NOT "emailVerified"`;
const HOLD = `
  UPDATE public."User" SET "email" = $2, "claimedEmail" = NULL, "emailVerified" = "emailVerified" OR $3 WHERE "id" = $1`;

/** Makes an address that the person has proven theirs, unless another account has proven it before. */
export async function proveAddress(client: Queryable, { userId, email }: { userId: string; email: string }) {
  await lockAddress(client, email);
  const [first] = await findHolders(client, email);
  if (first?.isProven) return;
  await client.query(`${RELEASE} AND "id" <> $2::uuid`, [email, userId]);
  await client.query(HOLD, [userId, email, true]);
}

/**
 * Prepares a sign-in by an identity provider that has verified the address: better-auth links the account whose
 * `User.email` it is. That is the one account that gave it; where several did and none has proven it, it is none.
 */
export async function settleAddress(db: Queryable, email: string) {
  const [first, ...others] = await findHolders(db, email);
  if (!first || first.isProven) return;
  if (others.length > 0) await db.query(RELEASE, [email]);
  else if (first.login !== email) await db.query(HOLD, [first.id, email, false]);
}
