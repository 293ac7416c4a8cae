import { Role } from '@it0/contracts/permissions';
import { quoteTenantSchema, toLiterals } from '@it0/db/sql';
import { readToolToken, type ToolCapability } from '../agent/assistant/tool-token.ts';
import { OPEN_STATUSES } from '../agent/task/task.ts';
import { explainMissingTables } from '../auth/tenant/missing-tables.ts';
import { type Credential, getPermissions } from '../auth/user-lookup.ts';
import type { User } from '../caller.ts';
import type { Services } from '../context.ts';
import type { Core } from '../core.ts';
import { AppError, tenantUnavailable } from '../errors.ts';

/** Authenticates an MCP request by a login, an API key or the tool token of a task. Throws NOT_SIGNED_IN or NO_TENANT. */
export async function requireMcpUser(services: Services, credential: Credential | null): Promise<User> {
  const user = await findMcpUser(services, credential);
  if (services.refusedTenants.has(user.tenantId)) throw tenantUnavailable();
  return user;
}

async function findMcpUser(services: Services, credential: Credential | null): Promise<User> {
  const capability = credential && 'login' in credential ? await readToolToken(services.keys, credential.login) : null;
  const person = capability ? { user: await findToolUser(services, capability) } : await services.findUser(credential);
  if (!person || (capability && !person.user))
    throw new AppError('NOT_SIGNED_IN', 'Send an API key as a bearer token.');
  if (!person.user) throw new AppError('NO_TENANT', 'You are not a member of any organization. Ask for an invitation.');
  return person.user;
}

const FIND = (schema: string) => `
  SELECT u."id", u."name", o."id" AS "tenantId", o."name" AS "tenantName", m."role"
  FROM ${schema}."AgentTask" t
  JOIN public."Member" m ON m."userId" = t."ownerId" AND m."organizationId" = $3
  JOIN public."User" u ON u."id" = t."ownerId"
  JOIN public."Organization" o ON o."id" = m."organizationId"
  WHERE t."id" = $1 AND t."ownerId" = $2 AND t."status" IN (${toLiterals(OPEN_STATUSES)}) AND u."banned" IS NOT TRUE`;

type Row = Omit<User, 'role' | 'permissions'> & { role: string };

/** Finds the person whose data the tools of a task read; null when the task has ended or they are no longer a member. */
async function findToolUser(core: Core, { tenantId, userId, taskId }: ToolCapability): Promise<User | null> {
  try {
    const { rows } = await core.db.pool.query<Row>(FIND(quoteTenantSchema(tenantId)), [taskId, userId, tenantId]);
    const [row] = rows;
    const role = Role.safeParse(row?.role).data;
    return row && role ? { ...row, role, permissions: getPermissions(role) } : null;
  } catch (error) {
    throw (await explainMissingTables(core, tenantId, error)) ?? error;
  }
}
