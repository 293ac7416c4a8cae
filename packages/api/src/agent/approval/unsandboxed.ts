import type { UserContext } from '../../context.ts';
import { AppError } from '../../errors.ts';

/**
 * Requires that the user may let an agent's command run outside of its sandbox: with everything that the agent's user may
 * do on its machine. Beside the server that is everything the server may do, its secret and its database included, so only
 * an owner of the organization may; on another machine, whoever may manage agents. Throws FORBIDDEN.
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
