import { Role } from '@it0/contracts/permissions';
import type { Queryable } from '@it0/db/queryable';
import { transaction } from '@it0/db/transaction';
import { createToken, hashToken } from '@it0/node/token';
import type { PoolClient } from 'pg';
import type { Core } from '../core.ts';
import { linkInvalid } from './call-better-auth.ts';
import { findRole, hasPermission, outranks, withMemberLock } from './member/membership.ts';

/** A link to set a new password: created by an administrator for a member, or sent to an address. */
export type ResetLink = { userId: string } & (
  | { makerId: string; tenantId: string; role: string; email: null }
  | { makerId: null; tenantId: null; role: null; email: string }
);

type NewResetLink = { userId: string; hours: number; makerId?: string; tenantId?: string; role?: Role; email?: string };

const CREATE = `
  INSERT INTO public."ResetLink" ("tokenHash", "userId", "makerId", "tenantId", "role", "email", "expiresAt")
  VALUES ($1, $2, $3, $4, $5, $6, now() + $7 * interval '1 hour')`;

/** Creates a reset link. Returns its token, of which only the hash is stored. */
export async function writeResetLink(client: Queryable, link: NewResetLink): Promise<string> {
  const token = createToken();
  const { userId, makerId, tenantId, role, email, hours } = link;
  await client.query(CREATE, [hashToken(token), userId, makerId, tenantId, role, email, hours]);
  return token;
}

const FIND = `
  SELECT "userId", "makerId", "tenantId", "role", "email" FROM public."ResetLink"
  WHERE "tokenHash" = $1 AND "expiresAt" > now()`;

/** Runs `work` with a valid link, in a transaction that locks it. Throws SIGN_IN_LINK_INVALID. */
export async function withResetLink<T>(
  { db }: Core,
  token: string,
  work: (client: PoolClient, link: ResetLink) => Promise<T>,
): Promise<T> {
  const values = [hashToken(token)];
  const { rows } = await db.pool.query<ResetLink>(FIND, values);
  if (!rows[0]) throw linkInvalid();
  const useLink = async (client: PoolClient) => {
    // A concurrent use waits here, and then finds no link.
    const { rows } = await client.query<ResetLink>(`${FIND} FOR UPDATE`, values);
    if (!rows[0] || !(await isStillAllowed(client, rows[0]))) throw linkInvalid();
    return work(client, rows[0]);
  };
  const { tenantId } = rows[0];
  return tenantId ? withMemberLock(db, tenantId, useLink) : transaction(db.pool, useLink);
}

/** Returns whether the maker may still create this link, and the target still has the same single membership. */
async function isStillAllowed(client: PoolClient, { userId, makerId, tenantId, role }: ResetLink): Promise<boolean> {
  if (makerId === null) return true;
  const makerRole = await findRole(client, tenantId, makerId);
  if (!makerRole || !hasPermission(makerRole, 'member:manage') || !outranks(makerRole, Role.parse(role))) return false;
  const FIND_ROLES = 'SELECT "organizationId" AS "id", "role" FROM public."Member" WHERE "userId" = $1';
  const { rows } = await client.query<{ id: string; role: string }>(FIND_ROLES, [userId]);
  return rows.length === 1 && rows[0]!.id === tenantId && rows[0]!.role === role;
}
