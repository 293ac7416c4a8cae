import type { Queryable } from '@it0/db/queryable';
import { v7 as newId } from 'uuid';
import { claimAddress } from './addresses.ts';

type NewAccount = { email: string; name: string; passwordHash: string };

const CREATE_USER = `
  INSERT INTO public."User" ("id", "name", "email", "claimedEmail", "emailVerified") VALUES ($1, $2, $3, $4, false)`;

/** Creates an account with a password and an unverified address. Returns its id. */
export async function createAccount(client: Queryable, { email, name, passwordHash }: NewAccount): Promise<string> {
  const userId = newId();
  const address = await claimAddress(client, { userId, email });
  await client.query(CREATE_USER, [userId, name, address.email, address.claimedEmail]);
  await storePassword(client, userId, passwordHash);
  return userId;
}

const SET_PASSWORD = `
  INSERT INTO public."Account" ("accountId", "providerId", "userId", "password") VALUES ($1, 'credential', $2, $3)
  ON CONFLICT ("providerId", "accountId") DO UPDATE SET "password" = EXCLUDED."password", "updatedAt" = now()`;

/** Stores a password hash where better-auth reads it. */
export const storePassword = (client: Queryable, userId: string, passwordHash: string) =>
  client.query(SET_PASSWORD, [userId, userId, passwordHash]);
