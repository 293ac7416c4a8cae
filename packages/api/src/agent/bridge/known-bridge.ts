import { createHash, timingSafeEqual } from 'node:crypto';
import { Id } from '@it0/contracts/ids';
import type { Services } from '../../context.ts';
import { AppError, tenantUnavailable } from '../../errors.ts';

/** A remote instance, as its bridge that is calling is known by. */
export type KnownBridge = { tenantId: string; instanceId: string; secret: string };

export const hashOf = (secret: string) => new Uint8Array(createHash('sha256').update(secret).digest());

/** Whose bridge it is that shows this token. One that is not, or no more, cannot tell which. */
export async function requireBridge(services: Services, token: string, ip: string): Promise<KnownBridge> {
  const { db, keys, refusedTenants } = services;
  const [, id, secret] = /^([^.]+)\.(.+)$/.exec(token) ?? [];
  const instanceId = Id.safeParse(id).data;
  const known = instanceId && (await db.platform.remoteBridge.findUnique({ where: { instanceId } }));
  if (known && refusedTenants.has(known.tenantId)) throw tenantUnavailable();
  const instance =
    known &&
    (await db.tenant(known.tenantId).agentInstance.findUnique({
      where: { id: known.instanceId, driver: 'remote', wish: { not: 'REMOVED' } },
      select: { bridgeSecret: true },
    }));
  if (known && instance && secret && timingSafeEqual(hashOf(secret), hashOf(keys.open(instance.bridgeSecret)))) {
    await services.rateLimits.bridge(known.instanceId);
    return { tenantId: known.tenantId, instanceId: known.instanceId, secret };
  }
  await services.rateLimits.badCallback(ip);
  throw bridgeUnknown();
}

export const bridgeUnknown = () =>
  new AppError('BRIDGE_UNKNOWN', 'The instance of this bridge was removed, or was enrolled elsewhere since.');
