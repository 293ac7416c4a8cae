import { toTenantSchema } from '@it0/contracts/ids';
import { isMissing } from '@it0/db/schema-state';
import type { Services } from '../../context.ts';
import { type AppError, tenantNotFound, tenantUnavailable } from '../../errors.ts';

const LOOK = `SELECT to_regnamespace($2) IS NOT NULL AS "schema",
  EXISTS (SELECT FROM public."Organization" WHERE "id" = $1) AS "tenant"`;

/**
 * What it means that a statement found no tables of a tenant: the tenant was removed, or its schema is just being removed
 * or restored. Null for a failure of another kind.
 */
export async function explainMissingTables(
  { db, log }: Pick<Services, 'db' | 'log'>,
  tenantId: string,
  error: unknown,
): Promise<AppError | null> {
  if (!isMissing(error)) return null;
  const { rows } = await db.pool.query<{ schema: boolean; tenant: boolean }>(LOOK, [
    tenantId,
    toTenantSchema(tenantId),
  ]);
  if (!rows[0]!.tenant) return tenantNotFound(error);
  if (rows[0]!.schema) return null;
  log.warn({ tenantId }, 'the schema of a tenant is missing');
  return tenantUnavailable(error);
}
