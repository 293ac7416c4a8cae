import { randomBytes } from 'node:crypto';
import { Role } from '@it0/contracts/permissions';
import type { MemberContext } from '../../context.ts';
import { AppError } from '../../errors.ts';

const HOURS = 24;

/**
 * What helps somebody back in who has lost the password: the token of a link that sets a new one. It opens the whole
 * account, so it is made only for somebody of a lesser role who is a member of no other tenant.
 */
export async function createResetLink(
  { db, auth, user, log }: MemberContext,
  userId: string,
): Promise<{ token: string }> {
  const memberships = await db.platform.member.findMany({
    where: { userId },
    select: { organizationId: true, role: true },
  });
  const here = memberships.find(({ organizationId }) => organizationId === user.tenantId);
  if (!here) throw new AppError('MEMBER_NOT_FOUND', 'This person is no member.');
  const isLesser = Role.options.indexOf(user.role) < Role.options.indexOf(Role.parse(here.role));
  if (!isLesser || memberships.length > 1)
    throw new AppError('FORBIDDEN', 'This person’s account is not yours to open.');
  const token = randomBytes(24).toString('base64url');
  const { internalAdapter } = await auth.$context;
  await internalAdapter.createVerificationValue({
    identifier: `reset-password:${token}`,
    value: userId,
    expiresAt: new Date(Date.now() + HOURS * 60 * 60_000),
  });
  log.info({ tenantId: user.tenantId, userId, by: user.id }, 'a link for a new password was made');
  return { token };
}
