import { quoteTenantSchema } from '@it0/db/sql';
import type { Core } from '../core.ts';
import { forEachTenant } from '../jobs/for-each-tenant.ts';
import { BATCH_SIZE, deleteInBatches } from './delete-in-batches.ts';

/** The tables whose rows are useless after a time in a column, and the condition for that. */
type ExpiryRules = Record<string, { column: string; where: string }>;

/** A day later, since clocks differ and requests may be under way. */
const expiresAt = { column: 'expiresAt', where: `"expiresAt" < now() - interval '1 day'` };

/** Tables of the platform with rows that expire. */
export const PLATFORM_EXPIRY: ExpiryRules = {
  ApiKey: expiresAt,
  Invitation: expiresAt,
  LoginSession: expiresAt,
  ResetLink: expiresAt,
  SignInLink: expiresAt,
  Verification: expiresAt,
  // In milliseconds.
  RateLimit: { column: 'expire', where: `"expire" < extract(epoch FROM now() - interval '1 hour') * 1000` },
};

/** Tables of tenants with rows that expire. */
export const TENANT_EXPIRY: ExpiryRules = {
  // Left behind by a server that was killed while it waited for a bridge that does not report any more.
  BridgeRequest: { column: 'createdAt', where: `"createdAt" < now() - interval '1 hour'` },
  // A draft that was not changed for so long is forgotten. Empty ones remain until then, for their revision.
  Draft: { column: 'updatedAt', where: `"updatedAt" < now() - interval '90 days'` },
};

/** Columns with a time after which their row is still needed, and why. */
export const RETAINED_COLUMNS: Record<string, string> = {
  'Account.accessTokenExpiresAt': 'The row is the sign-in method of a person.',
  'Account.refreshTokenExpiresAt': 'The row is the sign-in method of a person.',
  'AgentTask.deadline': 'The dispatcher ends the task. The row belongs to its messages.',
  'Approval.expiresAt': 'The record of who allowed which command. It is deleted with its session.',
  'Job.leaseUntil': 'Another server runs the job then.',
  'RemoteBridge.codeExpiresAt': 'The row is the bridge of an instance. An expired code is refused.',
  'TwoFactor.lockedUntil': 'The row is the second factor of a person.',
  'User.banExpires': 'The row is a person.',
};

/** Deletes the rows of the platform and of all tenants that have expired. */
export async function deleteExpiredRows(services: Core, signal: AbortSignal): Promise<void> {
  const { db, log } = services;
  const deleteFrom = async (schema: string, rules: ExpiryRules, context: object) => {
    for (const [name, { where }] of Object.entries(rules)) {
      const table = `${schema}."${name}"`;
      const text = `DELETE FROM ${table} WHERE ctid = ANY(ARRAY(SELECT ctid FROM ${table} WHERE ${where} LIMIT ${BATCH_SIZE}))`;
      const count = await deleteInBatches(signal, async () => (await db.pool.query(text)).rowCount ?? 0);
      if (count > 0) log.info({ ...context, table: name, count }, 'expired rows were deleted');
    }
  };
  await deleteFrom('public', PLATFORM_EXPIRY, {});
  await forEachTenant(services, signal, (tenantId) =>
    deleteFrom(quoteTenantSchema(tenantId), TENANT_EXPIRY, { tenantId }),
  );
}
