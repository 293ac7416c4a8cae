import { readToolToken } from '../agent/assistant/tool-token.ts';
import type { Credential } from '../auth/user-lookup.ts';
import type { Services, User } from '../context.ts';
import { AppError, tenantUnavailable } from '../errors.ts';
import { findToolUser } from './tool-user.ts';

/** Authenticates an MCP request by a login, an API key or the tool token of a task. Throws NOT_SIGNED_IN or NO_TENANT. */
export async function requireMcpUser(services: Services, credential: Credential | null): Promise<User> {
  const user = await findMcpUser(services, credential);
  if (services.refusedTenants.has(user.tenantId)) throw tenantUnavailable();
  return user;
}

async function findMcpUser(services: Services, credential: Credential | null): Promise<User> {
  const toolUse = credential && 'login' in credential ? await readToolToken(services.keys, credential.login) : null;
  const person = toolUse ? { user: await findToolUser(services, toolUse) } : await services.findUser(credential);
  if (!person || (toolUse && !person.user)) throw new AppError('NOT_SIGNED_IN', 'Send an API key as a bearer token.');
  if (!person.user) throw new AppError('NO_TENANT', 'You are not a member of any organization. Ask for an invitation.');
  return person.user;
}
