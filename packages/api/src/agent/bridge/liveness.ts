import type { Core } from '../../core.ts';
import { NO_ADDRESS, recordInstanceChange } from '../instance/instance-records.ts';

const SILENT_CHANGE = { ...NO_ADDRESS, status: 'ERROR', reason: 'BRIDGE_SILENT', detail: null, model: null } as const;

/** Time without a check-in after which a remote bridge is silent. */
const SILENT_MS = 20_000;

/** Sets the status of instances whose bridge has stopped checking in. Their next check-in sets it back. */
export async function markSilentBridges(services: Core): Promise<void> {
  const { db, refusedTenants } = services;
  const silent = await db.platform.remoteBridge.findMany({
    where: {
      silent: false,
      lastSeenAt: { lt: new Date(Date.now() - SILENT_MS) },
      tenantId: { notIn: [...refusedTenants] },
    },
    select: { instanceId: true, tenantId: true, lastSeenAt: true },
  });
  for (const { instanceId: id, tenantId, lastSeenAt } of silent) {
    await recordInstanceChange(services, { tenantId, id }, SILENT_CHANGE);
    // Has no effect when the bridge has checked in meanwhile.
    const where = { tenantId, instanceId: id, lastSeenAt };
    await db.platform.remoteBridge.updateMany({ where, data: { silent: true } });
  }
}
