import { readToolToken } from '../agent/assistant/tool-token.ts';
import type { Credential } from '../auth/user-lookup.ts';
import type { Services, User } from '../context.ts';
import { AppError, tenantUnavailable } from '../errors.ts';
import { findToolUser } from './tool-user.ts';

/** Who asks, by a login, an API key or a task's token. */
export async function requireMcpUser(services: Services, shown: Credential | null): Promise<User> {
  const user = await findMcpUser(services, shown);
  if (services.refusedTenants.has(user.tenantId)) throw tenantUnavailable();
  return user;
}

async function findMcpUser(services: Services, shown: Credential | null): Promise<User> {
  const use = shown && 'login' in shown ? await readToolToken(services.keys, shown.login) : null;
  const person = use ? { user: await findToolUser(services, use) } : await services.findUser(shown);
  if (!person || (use && !person.user)) throw new AppError('NOT_SIGNED_IN', 'Show an API key as a bearer token.');
  if (!person.user) throw new AppError('NO_TENANT', 'You belong to no organization. Ask for an invitation.');
  return person.user;
}
