import { Role } from '@it0/contracts/permissions';
import { AppError } from '../../errors.ts';
import type { MemberContext } from '../auth-services.ts';
import { writeResetLink } from '../reset-link.ts';
import { outranks, withMemberLockAsManager } from './membership.ts';

const LINK_HOURS = 24;

/**
 * Creates a link for a member who has lost their password, and returns its token. The link gives access to the whole
 * account, so the target must have a lower role and no other tenant, at creation and at use.
 */
export async function createResetLink(ctx: MemberContext, userId: string): Promise<{ token: string }> {
  const { user, log } = ctx;
  const { tenantId } = user;
  const token = await withMemberLockAsManager(ctx, async (client, callerRole) => {
    const FIND = 'SELECT "organizationId" AS "id", "role" FROM public."Member" WHERE "userId" = $1';
    const { rows } = await client.query<{ id: string; role: string }>(FIND, [userId]);
    const membership = rows.find(({ id }) => id === tenantId);
    if (!membership) throw new AppError('MEMBER_NOT_FOUND', 'This person is not a member.');
    const role = Role.parse(membership.role);
    if (!outranks(callerRole, role) || rows.length > 1) {
      throw new AppError('FORBIDDEN', 'You cannot reset the password of this account.');
    }
    return writeResetLink(client, { userId, hours: LINK_HOURS, makerId: user.id, tenantId, role });
  });
  log.info({ tenantId, userId, by: user.id }, 'reset link created');
  return { token };
}
