import type { UserContext } from '../../context.ts';
import { AppError } from '../../errors.ts';

/**
 * Requires that the user may allow a command outside the sandbox, which runs with all rights of the agent's account. On
 * the server's machine these are the rights of the server, including its secret and its database, so the user has to be
 * an owner of the organization. On another machine, the permission to manage agents is enough. Throws FORBIDDEN.
 */
export function requireUnsandboxed({ user }: Pick<UserContext, 'user'>, driver: string | null) {
  if (user.permissions.has(driver === 'remote' ? 'instance:manage' : 'tenant:manage')) return;
  throw new AppError(
    'FORBIDDEN',
    driver === 'remote'
      ? 'Only an administrator lets a command run outside of the sandbox.'
      : 'Only an owner lets a command of an agent on the server’s own machine run outside of its sandbox.',
  );
}
