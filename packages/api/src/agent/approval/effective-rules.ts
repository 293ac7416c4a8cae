import type { ApprovalRule } from '@it0/contracts/approval-rule';
import type { Queryable } from '@it0/db/queryable';
import { quoteTenantSchema } from '@it0/db/sql';
import { hasPermissionSql } from '../../auth/member/permission-sql.ts';
import { isUnsandboxedPermittedSql } from './unsandboxed.ts';

const FIND = (schema: string) => `
  SELECT r."kind", r."pattern", r."action"
  FROM ${schema}."ApprovalRule" r JOIN ${schema}."AgentInstance" i ON i."id" = r."instanceId"
  WHERE r."instanceId" = $1 AND CASE
    WHEN r."action" <> 'allow' THEN true
    WHEN r."kind" = 'exec-unsandboxed' THEN ${isUnsandboxedPermittedSql('i."driver"', '$2', 'r."createdById"')}
    ELSE ${hasPermissionSql('instance:manage', '$2', 'i."ownerId"')} END
  ORDER BY r."position"`;

/**
 * Reads the rules of an instance that apply now. An allow applies only while a person has the right to set it: for
 * commands outside the sandbox the person who set it, and for everything else the owner of the instance, since the
 * rules belong to the instance. Denies and asks always apply.
 */
export async function readEffectiveRules(db: Queryable, tenantId: string, instanceId: string): Promise<ApprovalRule[]> {
  return (await db.query<ApprovalRule>(FIND(quoteTenantSchema(tenantId)), [instanceId, tenantId])).rows;
}
