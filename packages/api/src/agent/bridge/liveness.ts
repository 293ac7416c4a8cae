import type { Services } from '../../context.ts';
import { recordInstanceChange } from '../instance/instance-records.ts';

const SILENT_CHANGE = { status: 'ERROR', reason: 'BRIDGE_SILENT', detail: null, bridgeUrl: null, model: null } as const;

/** How long a remote bridge may not be heard of. */
const SILENT_MS = 20_000;

/** Of instances whose bridge has been silent for too long their status says so; they are back as soon as it is heard. */
export async function markSilentBridges(services: Pick<Services, 'db' | 'bus' | 'refusedTenants'>): Promise<void> {
  const { db, refusedTenants } = services;
  const silent = await db.platform.remoteBridge.findMany({
    where: {
      ...{ silent: false, lastSeenAt: { lt: new Date(Date.now() - SILENT_MS) } },
      tenantId: { notIn: [...refusedTenants] },
    },
    select: { instanceId: true, tenantId: true, lastSeenAt: true },
  });
  for (const { instanceId: id, tenantId, lastSeenAt } of silent) {
    await recordInstanceChange(services, { tenantId, id }, SILENT_CHANGE);
    // Unless it was heard of meanwhile.
    const where = { tenantId, instanceId: id, lastSeenAt };
    await db.platform.remoteBridge.updateMany({ where, data: { silent: true } });
  }
}
