import type { Driver } from '@it0/contracts/instance';
import type { Permission } from '@it0/contracts/permissions';
import { hasPermissionSql } from '../../auth/member/permission-sql.ts';
import type { UserContext } from '../../core.ts';
import { AppError } from '../../errors.ts';

/**
 * Returns the permission to allow a command outside the sandbox, which runs with all rights of the agent's account. On
 * the server's machine these are the rights of the server, including its secret and its database, so only owners of the
 * organization have it. On another machine, the permission to manage agents is enough.
 */
const unsandboxedPermission = (driver: Driver | null): Permission =>
  driver === 'remote' ? 'instance:manage' : 'tenant:manage';

/** Returns `hasPermissionSql` for that permission. All arguments are SQL expressions. */
export const isUnsandboxedPermittedSql = (driver: string, tenantId: string, userId: string) =>
  `CASE ${driver} WHEN 'remote' THEN ${hasPermissionSql(unsandboxedPermission('remote'), tenantId, userId)}
    ELSE ${hasPermissionSql(unsandboxedPermission(null), tenantId, userId)} END`;

/** Requires that the user may allow a command outside the sandbox. Throws FORBIDDEN. */
export function requireUnsandboxed({ user }: UserContext, driver: Driver | null) {
  if (user.permissions.has(unsandboxedPermission(driver))) return;
  throw new AppError(
    'FORBIDDEN',
    driver === 'remote'
      ? 'Only administrators can allow commands outside the sandbox.'
      : 'Only owners can allow commands outside the sandbox for agents on the server’s machine.',
  );
}
