import { Role } from '@it0/contracts/permissions';
import type { Queryable } from '@it0/db/queryable';
import { hasPermission } from '../member/membership.ts';

/** An invitation that can be accepted now. */
export type ValidInvitation = {
  id: string;
  email: string;
  role: Role;
  tenantId: string;
  tenantName: string;
  inviterName: string;
};

const FIND = `
  SELECT i."id", i."email", i."role", i."organizationId" AS "tenantId", o."name" AS "tenantName",
    u."name" AS "inviterName", m."role" AS "inviterRole"
  FROM public."Invitation" i
  JOIN public."Organization" o ON o."id" = i."organizationId"
  JOIN public."User" u ON u."id" = i."inviterId" AND u."banned" IS NOT TRUE
  JOIN public."Member" m ON m."organizationId" = i."organizationId" AND m."userId" = i."inviterId"
  WHERE i."status" = 'pending' AND i."expiresAt" > now() AND`;

type Row = Omit<ValidInvitation, 'role'> & { role: string; inviterRole: string };

/** Finds an invitation by its id; null when it cannot be accepted. */
export const findInvitation = async (db: Queryable, id: string): Promise<ValidInvitation | null> =>
  (await findValid(db, 'i."id" = $1::uuid', id))[0] ?? null;

/** Finds the invitations of an address over all tenants. */
export const findInvitationsFor = (db: Queryable, email: string): Promise<ValidInvitation[]> =>
  findValid(db, 'i."email" = $1', email);

/** Finds pending invitations whose inviter may still assign the role. */
async function findValid(db: Queryable, condition: string, value: string): Promise<ValidInvitation[]> {
  const { rows } = await db.query<Row>(`${FIND} ${condition} LIMIT 100`, [value]);
  return rows.flatMap(({ inviterRole, ...invitation }) => {
    const role = Role.parse(invitation.role);
    return canInvite(Role.parse(inviterRole), role) ? [{ ...invitation, role }] : [];
  });
}

/** Returns whether a member may invite a person as `role`. Only owners can invite owners. */
export const canInvite = (inviterRole: Role, role: Role) =>
  hasPermission(inviterRole, 'member:manage') && (role !== 'owner' || inviterRole === 'owner');
