import { type Permission, ROLE_PERMISSIONS, Role } from '@it0/contracts/permissions';
import { toLiterals } from '@it0/db/sql';

/**
 * Returns an SQL condition: the person has this permission in the tenant now. Both are SQL expressions. A person who is
 * banned or no member has none.
 */
export function hasPermissionSql(permission: Permission, tenantId: string, userId: string) {
  const roles = Role.options.filter((role) => ROLE_PERMISSIONS[role].includes(permission));
  return `EXISTS (
    SELECT FROM public."Member" m JOIN public."User" u ON u."id" = m."userId"
    WHERE m."organizationId" = ${tenantId} AND m."userId" = ${userId} AND u."banned" IS NOT TRUE
      AND m."role" IN (${toLiterals(roles)}))`;
}
