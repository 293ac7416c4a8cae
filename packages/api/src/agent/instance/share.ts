import { Id } from '@it0/contracts/ids';
import { Role } from '@it0/contracts/permissions';
import { v7 as newId } from 'uuid';
import { z } from 'zod';
import { lookupNames } from '../../auth/member/names.ts';
import type { UserContext } from '../../core.ts';
import { AppError } from '../../errors.ts';
import { requireOwnedInstance } from './instance.ts';

/** A share of an instance, with either a member or a role. */
export const Share = z
  .object({
    id: Id,
    userId: Id.nullable(),
    name: z.string().nullable().describe('Name of the member.'),
    role: Role.nullable(),
  })
  .meta({ id: 'Share', description: 'Lets another member, or all members with a role, see an instance.' });
export type Share = z.infer<typeof Share>;

/** Lists the shares of an instance, oldest first. Throws INSTANCE_NOT_FOUND. */
export async function listShares(ctx: UserContext, instanceId: string): Promise<Share[]> {
  await requireOwnedInstance(ctx, instanceId);
  const shares = await ctx.db.tenant(ctx.user.tenantId).instanceShare.findMany({
    where: { instanceId },
    orderBy: { id: 'asc' },
  });
  const names = await lookupNames(
    ctx,
    shares.flatMap(({ userId }) => userId ?? []),
  );
  return shares.map(({ id, userId, role }) => ({
    ...{ id, userId, name: userId && names(userId) },
    role: role ? Role.parse(role) : null,
  }));
}

/** Input of `instance.share`. */
export const ShareInstance = z.object({
  instanceId: Id,
  with: z.union([
    z.strictObject({ userId: Id }).meta({ id: 'ShareWithMember' }),
    z.strictObject({ role: Role }).meta({ id: 'ShareWithRole' }),
  ]),
});

/** Shares an instance with a member or a role. Idempotent. Throws INSTANCE_NOT_FOUND or MEMBER_NOT_FOUND. */
export async function shareInstance(ctx: UserContext, { instanceId, with: target }: z.infer<typeof ShareInstance>) {
  await requireOwnedInstance(ctx, instanceId);
  if ('userId' in target) await requireMember(ctx, target.userId);
  await ctx.db.tenant(ctx.user.tenantId).instanceShare.createMany({
    data: [{ id: newId(), instanceId, ...target }],
    skipDuplicates: true,
  });
}

/** Input of `instance.unshare`. */
export const UnshareInstance = z.object({ instanceId: Id, shareId: Id });

/** Removes a share. Open streams of the instance end within seconds. Throws INSTANCE_NOT_FOUND or SHARE_NOT_FOUND. */
export async function unshareInstance(ctx: UserContext, { instanceId, shareId }: z.infer<typeof UnshareInstance>) {
  await requireOwnedInstance(ctx, instanceId);
  const { db, user } = ctx;
  const where = { id: shareId, instanceId };
  const { count } = await db.tenant(user.tenantId).instanceShare.deleteMany({ where });
  if (count === 0) throw new AppError('SHARE_NOT_FOUND', 'Share not found.');
  // The new revision makes the server check the access of open streams again.
  await db.platform.organization.update({
    where: { id: user.tenantId },
    data: { accessRevision: { increment: 1 } },
    select: { id: true },
  });
}

async function requireMember({ db, user }: UserContext, userId: string) {
  const where = { organizationId_userId: { organizationId: user.tenantId, userId } };
  const member = await db.platform.member.findUnique({ where, select: { id: true } });
  if (!member) throw new AppError('MEMBER_NOT_FOUND', 'This person is not a member.');
}
