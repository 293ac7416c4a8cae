import { toFirstLine } from '@it0/db/schema-state';
import type { Core } from '../core.ts';

/**
 * Does work for each tenant that is not refused, one after the other. A failure does not stop the others; it rejects at
 * the end.
 */
export async function forEachTenant(
  { db, log, refusedTenants }: Core,
  signal: AbortSignal,
  work: (tenantId: string) => Promise<void>,
): Promise<void> {
  const tenants = await db.platform.organization.findMany({ select: { id: true } });
  const failures: string[] = [];
  for (const { id: tenantId } of tenants.filter(({ id }) => !refusedTenants.has(id))) {
    signal.throwIfAborted();
    try {
      await work(tenantId);
    } catch (error) {
      signal.throwIfAborted();
      log.warn({ err: error, tenantId }, 'a job failed for a tenant');
      failures.push(`${tenantId}: ${toFirstLine(error)}`);
    }
  }
  if (failures.length > 0) throw new Error(`Failed for ${failures.length} tenants; the first is ${failures[0]}`);
}
