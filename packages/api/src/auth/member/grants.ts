import type { Queryable } from '@it0/db/queryable';
import { quoteTenantSchema } from '@it0/db/sql';

/** Statements that end the pending grants of a member: `$1` is the tenant, `$2` the member. */
const END_GRANTS = [
  `UPDATE public."Invitation" SET "status" = 'canceled'
   WHERE "organizationId" = $1 AND "inviterId" = $2 AND "status" = 'pending'`,
  'DELETE FROM public."ResetLink" WHERE "tenantId" = $1 AND "makerId" = $2',
  `UPDATE public."RemoteBridge" SET "codeHash" = NULL, "codeExpiresAt" = NULL, "codeUsedBy" = NULL, "codeMadeBy" = NULL
   WHERE "tenantId" = $1 AND "codeMadeBy" = $2`,
];

/** The same for grants in the schema of the tenant: `$1` is the member. All other rules belong to their instance. */
const END_TENANT_GRANTS = (schema: string) => [
  `DELETE FROM ${schema}."ApprovalRule"
   WHERE "createdById" = $1 AND "kind" = 'exec-unsandboxed' AND "action" = 'allow'`,
  `UPDATE ${schema}."Approval" SET "revokedAt" = now()
   WHERE "decidedById" = $1 AND "status" = 'ALLOWED' AND "startedAt" IS NULL AND "revokedAt" IS NULL
     AND "request"->>'kind' = 'exec-unsandboxed'`,
];

/** Ends a member's pending grants. Each is also checked at use, but an ended one is not restored by a later role. */
export async function endGrants(client: Queryable, { tenantId, userId }: { tenantId: string; userId: string }) {
  for (const statement of END_GRANTS) await client.query(statement, [tenantId, userId]);
  for (const statement of END_TENANT_GRANTS(quoteTenantSchema(tenantId))) await client.query(statement, [userId]);
}

/** Ends all reset links for a person, regardless of their maker. */
export const endResetLinks = (client: Queryable, userId: string) =>
  client.query('DELETE FROM public."ResetLink" WHERE "userId" = $1', [userId]);
