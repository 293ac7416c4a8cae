import { Role } from '@it0/contracts/permissions';
import type { ToolCapability } from '../agent/assistant/tool-token.ts';
import { tenantTables } from '../agent/task/event-log.ts';
import { openStatuses } from '../agent/task/task.ts';
import { explainMissingTables } from '../auth/tenant/missing-tables.ts';
import { getPermissions } from '../auth/user-lookup.ts';
import type { Services, User } from '../context.ts';

const FIND = (schema: string) => `
  SELECT u."id", u."name", o."id" AS "tenantId", o."name" AS "tenantName", m."role"
  FROM ${schema}."AgentTask" t
  JOIN public."Member" m ON m."userId" = t."ownerId" AND m."organizationId" = $3
  JOIN public."User" u ON u."id" = t."ownerId"
  JOIN public."Organization" o ON o."id" = m."organizationId"
  WHERE t."id" = $1 AND t."ownerId" = $2 AND t."status"::text = ANY($4) AND u."banned" IS NOT TRUE`;

type Row = Omit<User, 'role' | 'permissions'> & { role: string };

/** Finds the person whose data the tools of a task read; null when the task has ended or they are no longer a member. */
export async function findToolUser(
  services: Services,
  { tenantId, userId, taskId }: ToolCapability,
): Promise<User | null> {
  try {
    const { rows } = await services.db.pool.query<Row>(FIND(tenantTables(tenantId)), [
      taskId,
      userId,
      tenantId,
      openStatuses,
    ]);
    const [row] = rows;
    const role = Role.safeParse(row?.role).data;
    return row && role ? { ...row, role, permissions: getPermissions(role) } : null;
  } catch (error) {
    throw (await explainMissingTables(services, tenantId, error)) ?? error;
  }
}
