import { Id } from '@it0/contracts/ids';
import { Role } from '@it0/contracts/permissions';
import type { PoolClient } from 'pg';
import { z } from 'zod';
import type { UserContext } from '../../core.ts';
import { AppError } from '../../errors.ts';
import type { MemberContext } from '../auth-services.ts';
import { getSignInEmail } from '../email.ts';
import { endMembership, updateRole, withMemberLock, withMemberLockAsManager } from './membership.ts';

export const Member = z
  .object({
    userId: Id,
    name: z.string(),
    email: z.string().nullable().describe('Null for a member without an email address.'),
    role: Role,
    joinedAt: z.iso.datetime(),
    isYou: z.boolean(),
  })
  .meta({ id: 'Member', description: 'A member of the tenant.' });
export type Member = z.infer<typeof Member>;

/** Lists the members of the tenant by name. */
export async function listMembers({ db, user }: UserContext): Promise<Member[]> {
  const members = await db.platform.member.findMany({
    where: { organizationId: user.tenantId },
    select: {
      userId: true,
      role: true,
      createdAt: true,
      user: { select: { name: true, email: true, claimedEmail: true } },
    },
    orderBy: [{ user: { name: 'asc' } }, { id: 'asc' }],
  });
  return members.map(({ userId, role, createdAt, user: { name, ...addresses } }) => ({
    userId,
    name,
    email: getSignInEmail(addresses),
    role: Role.parse(role),
    joinedAt: createdAt.toISOString(),
    isYou: userId === user.id,
  }));
}

export const SetRole = z.object({ userId: Id, role: Role });

/** Changes a member's role. Only owners can change owners. Throws LAST_OWNER when no owner would remain. */
export async function setRole(ctx: MemberContext, { userId, role }: z.infer<typeof SetRole>) {
  const { user } = ctx;
  const { tenantId } = user;
  await withMemberLockAsManager(ctx, async (client, callerRole) => {
    if (role === 'owner' && callerRole !== 'owner')
      throw new AppError('FORBIDDEN', 'Only an owner can assign the owner role.');
    const before = await requireMember(client, ctx, { userId, callerRole });
    if (before === 'owner' && role !== 'owner') await requireOtherOwner(client, tenantId, userId);
    await updateRole(client, { tenantId, userId, before, role });
  });
  ctx.log.info({ tenantId, userId, by: user.id, role }, 'member role changed');
}

/** Removes a member with their keys, shares and grants. Their instances are assigned to the caller. */
export async function removeMember(ctx: MemberContext, userId: string) {
  const { user } = ctx;
  const { tenantId } = user;
  if (userId === user.id) return leave(ctx);
  await withMemberLockAsManager(ctx, async (client, callerRole) => {
    const role = await requireMember(client, ctx, { userId, callerRole });
    if (role === 'owner') await requireOtherOwner(client, tenantId, userId);
    await endMembership(client, { tenantId, userId, newOwnerId: user.id });
  });
  ctx.log.info({ tenantId, userId, by: user.id }, 'member removed');
}

/** Leaves the tenant. The person's instances are assigned to another owner. Throws LAST_OWNER. */
export async function leave(ctx: MemberContext) {
  const { tenantId, id: userId } = ctx.user;
  await withMemberLock(ctx.db, tenantId, async (client) => {
    const newOwnerId = await requireOtherOwner(client, tenantId, userId);
    await endMembership(client, { tenantId, userId, newOwnerId });
  });
}

async function requireMember(
  client: PoolClient,
  { user }: UserContext,
  { userId, callerRole }: { userId: string; callerRole: Role },
): Promise<Role> {
  const FIND = 'SELECT "role" FROM public."Member" WHERE "organizationId" = $1 AND "userId" = $2';
  const { rows } = await client.query<{ role: string }>(FIND, [user.tenantId, userId]);
  if (!rows[0]) throw new AppError('MEMBER_NOT_FOUND', 'This person is not a member.');
  const role = Role.parse(rows[0].role);
  if (role === 'owner' && callerRole !== 'owner') {
    throw new AppError('FORBIDDEN', 'Only an owner can change or remove an owner.');
  }
  return role;
}

/** Returns the oldest other owner, who takes over the instances. Throws LAST_OWNER. */
async function requireOtherOwner(client: PoolClient, tenantId: string, userId: string): Promise<string> {
  const FIND = `
    SELECT "userId" FROM public."Member" WHERE "organizationId" = $1 AND "role" = 'owner' AND "userId" <> $2
    ORDER BY "createdAt", "id" LIMIT 1`;
  const { rows } = await client.query<{ userId: string }>(FIND, [tenantId, userId]);
  if (!rows[0])
    throw new AppError('LAST_OWNER', 'An organization needs an owner. Assign the role to another member first.');
  return rows[0].userId;
}
