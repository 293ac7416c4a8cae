import type { Database } from '@it0/db/database';
import { isMissing } from '@it0/db/schema-state';
import { toTenantSchema } from '@it0/db/sql';
import type { Logger } from 'pino';
import { type AppError, tenantNotFound, tenantUnavailable } from '../../errors.ts';

const FIND = `SELECT to_regnamespace($2) IS NOT NULL AS "schema",
  EXISTS (SELECT FROM public."Organization" WHERE "id" = $1) AS "tenant"`;

/**
 * Explains an error of a statement that found no tables of a tenant: TENANT_NOT_FOUND when the tenant was removed, or
 * TENANT_UNAVAILABLE while its schema is being removed or restored. Returns null for other errors.
 */
export async function explainMissingTables(
  { db, log }: { db: Database; log: Logger },
  tenantId: string,
  error: unknown,
): Promise<AppError | null> {
  if (!isMissing(error)) return null;
  const { rows } = await db.pool.query<{ schema: boolean; tenant: boolean }>(FIND, [
    tenantId,
    toTenantSchema(tenantId),
  ]);
  if (!rows[0]!.tenant) return tenantNotFound(error);
  if (rows[0]!.schema) return null;
  log.warn({ tenantId }, 'tenant schema is missing');
  return tenantUnavailable(error);
}
