import type { PoolClient } from 'pg';

/** End the pending grants of a member: `$1` is the tenant, `$2` the member. */
const END_GRANTS = [
  `UPDATE public."Invitation" SET "status" = 'canceled'
   WHERE "organizationId" = $1 AND "inviterId" = $2 AND "status" = 'pending'`,
  'DELETE FROM public."ResetLink" WHERE "tenantId" = $1 AND "makerId" = $2',
  `UPDATE public."RemoteBridge" SET "codeHash" = NULL, "codeExpiresAt" = NULL, "codeUsedBy" = NULL, "codeMadeBy" = NULL
   WHERE "tenantId" = $1 AND "codeMadeBy" = $2`,
];

/** Ends a member's pending grants. They are checked when used as well; ended, they do not come back with a later role. */
export async function endGrants(client: PoolClient, { tenantId, userId }: { tenantId: string; userId: string }) {
  for (const statement of END_GRANTS) await client.query(statement, [tenantId, userId]);
}

/** Ends every link that sets a new password for somebody, whoever made it. */
export const endResetLinks = (client: Pick<PoolClient, 'query'>, userId: string) =>
  client.query('DELETE FROM public."ResetLink" WHERE "userId" = $1', [userId]);
