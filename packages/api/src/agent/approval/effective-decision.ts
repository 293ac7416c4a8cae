import { hasPermissionSql } from '../../auth/member/permission-sql.ts';
import { isUnsandboxedPermittedSql } from './unsandboxed.ts';

/**
 * Returns an SQL condition: the approval `a` of the instance `i` is allowed and not revoked, and was decided by a rule
 * or by a person who has the right to decide it now. For a command outside the sandbox, the rule has to exist still,
 * and its maker needs the right.
 */
export const isStillAllowedSql = (schema: string, tenantId: string) => `(
  a."status" = 'ALLOWED' AND a."revokedAt" IS NULL AND CASE
  WHEN a."request"->>'kind' = 'exec-unsandboxed'
  THEN ${isUnsandboxedPermittedSql('i."driver"', tenantId, DECIDER(schema))}
  ELSE a."decidedById" IS NULL OR ${hasPermissionSql('approval:decide', tenantId, 'a."decidedById"')} END)`;

const DECIDER = (schema: string) => `COALESCE(a."decidedById", (
  SELECT r."createdById" FROM ${schema}."ApprovalRule" r
  WHERE r."instanceId" = i."id" AND r."kind" = 'exec-unsandboxed' AND r."action" = 'allow'
    AND r."pattern" = a."decidedByRule" LIMIT 1))`;
