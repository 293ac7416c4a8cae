import { type Permission, ROLE_PERMISSIONS, Role } from '@it0/contracts/permissions';
import type { Database } from '@it0/db/database';
import { quoteTenantSchema } from '@it0/db/sql';
import { transaction } from '@it0/db/transaction';
import type { PoolClient } from 'pg';
import type { UserContext } from '../../core.ts';
import { AppError, forbidden, tenantNotFound } from '../../errors.ts';
import { endGrants, endResetLinks } from './grants.ts';

/** Runs `work` in a transaction that holds the tenant's membership lock. Throws TENANT_NOT_FOUND. */
export const withMemberLock = <T>(
  db: Database,
  tenantId: string,
  work: (client: PoolClient) => Promise<T>,
): Promise<T> =>
  transaction(db.pool, async (client) => {
    const LOCK = 'SELECT FROM public."Organization" WHERE "id" = $1 FOR NO KEY UPDATE';
    const { rowCount } = await client.query(LOCK, [tenantId]);
    if (rowCount === 0) throw tenantNotFound();
    return work(client);
  });

/** Runs `work` under the membership lock, with the caller's current role. Throws FORBIDDEN unless it allows this. */
export const withMemberLockAsManager = <T>(ctx: UserContext, work: (client: PoolClient, role: Role) => Promise<T>) =>
  withMemberLock(ctx.db, ctx.user.tenantId, async (client) => {
    const role = await findRole(client, ctx.user.tenantId, ctx.user.id);
    if (!role || !hasPermission(role, 'member:manage')) throw forbidden();
    return work(client, role);
  });

/** Returns whether a role has a permission. */
export const hasPermission = (role: Role, permission: Permission) => ROLE_PERMISSIONS[role].includes(permission);

/** Returns whether `role` has more permissions than `other`. */
export const outranks = (role: Role, other: Role) => Role.options.indexOf(role) < Role.options.indexOf(other);

/** Finds the role of a member; null for a person who is not a member or is banned. */
export async function findRole(client: PoolClient, tenantId: string, userId: string): Promise<Role | null> {
  const FIND = `
    SELECT m."role" FROM public."Member" m JOIN public."User" u ON u."id" = m."userId"
    WHERE m."organizationId" = $1 AND m."userId" = $2 AND u."banned" IS NOT TRUE`;
  const { rows } = await client.query<{ role: string }>(FIND, [tenantId, userId]);
  return Role.safeParse(rows[0]?.role).data ?? null;
}

type Membership = { tenantId: string; userId: string };

/** Adds a member, and ends reset links from before, when the account gave less access. Throws ALREADY_MEMBER. */
export async function addMember(client: PoolClient, { tenantId, userId, role }: Membership & { role: Role }) {
  const ADD = `
    INSERT INTO public."Member" ("organizationId", "userId", "role") VALUES ($1, $2, $3)
    ON CONFLICT ("organizationId", "userId") DO NOTHING`;
  const { rowCount } = await client.query(ADD, [tenantId, userId, role]);
  if (rowCount === 0) throw new AppError('ALREADY_MEMBER', 'This person is already a member.');
  await endResetLinks(client, userId);
}

/** Changes a member's role. A lower role ends all their pending grants, which they can create again if still allowed. */
export async function updateRole(client: PoolClient, change: Membership & { before: Role; role: Role }) {
  const { tenantId, userId, before, role } = change;
  const SET = 'UPDATE public."Member" SET "role" = $3 WHERE "organizationId" = $1 AND "userId" = $2';
  await client.query(SET, [tenantId, userId, role]);
  if (role !== before) await endResetLinks(client, userId);
  if (outranks(before, role)) await endGrants(client, { tenantId, userId });
}

/**
 * Ends a membership with its API keys, shares, drafts and grants. The person's instances and shared prompts are assigned
 * to `newOwnerId`, since an instance needs an owner.
 */
export async function endMembership(
  client: PoolClient,
  { tenantId, userId, newOwnerId }: Membership & { newOwnerId: string },
) {
  const tables = quoteTenantSchema(tenantId);
  await endGrants(client, { tenantId, userId });
  await endResetLinks(client, userId);
  await client.query('DELETE FROM public."ApiKey" WHERE "tenantId" = $1 AND "referenceId" = $2', [tenantId, userId]);
  await client.query(`DELETE FROM ${tables}."InstanceShare" WHERE "userId" = $1`, [userId]);
  await client.query(`DELETE FROM ${tables}."Draft" WHERE "ownerId" = $1`, [userId]);
  await client.query(`DELETE FROM ${tables}."SavedPrompt" WHERE "ownerId" = $1 AND NOT "isShared"`, [userId]);
  await client.query(`UPDATE ${tables}."SavedPrompt" SET "ownerId" = $2 WHERE "ownerId" = $1`, [userId, newOwnerId]);
  // A new request id, since the new owner may have used the same one.
  const REASSIGN = `UPDATE ${tables}."AgentInstance"
    SET "ownerId" = $2, "requestId" = gen_random_uuid(), "updatedAt" = now() WHERE "ownerId" = $1`;
  await client.query(REASSIGN, [userId, newOwnerId]);
  const END = 'DELETE FROM public."Member" WHERE "organizationId" = $1 AND "userId" = $2';
  await client.query(END, [tenantId, userId]);
}
