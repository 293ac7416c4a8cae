import { type BridgeIdentity, parseBridgeToken } from '@it0/contracts/remote-bridge';
import { isSameToken } from '@it0/node/token';
import type { Core } from '../../core.ts';
import { AppError, tenantUnavailable } from '../../errors.ts';
import type { AgentServices } from '../agent-services.ts';

/** The identity of a remote bridge whose token was verified. */
export type AuthenticatedBridge = BridgeIdentity;

/**
 * Authenticates a remote bridge by its token. Throws BRIDGE_UNKNOWN, for an invalid token as for a removed instance,
 * and TOO_MANY_REQUESTS.
 */
export async function authenticateBridge(
  services: AgentServices,
  token: string,
  ip: string,
): Promise<AuthenticatedBridge> {
  const bridge = parseBridgeToken(token);
  if (bridge && (await isAuthentic(services, bridge))) {
    await services.rateLimits.bridge(bridge);
    return bridge;
  }
  await services.rateLimits.badCallback(ip);
  throw bridgeUnknown();
}

async function isAuthentic({ db, keys, refusedTenants }: Core, { tenantId, instanceId, secret }: AuthenticatedBridge) {
  // Checked first, since the tenant in an invalid token may have no tables.
  const where = { tenantId_instanceId: { tenantId, instanceId } };
  if (!(await db.platform.remoteBridge.findUnique({ where, select: { instanceId: true } }))) return false;
  if (refusedTenants.has(tenantId)) throw tenantUnavailable();
  const instance = await db.tenant(tenantId).agentInstance.findUnique({
    where: { id: instanceId, driver: 'remote', desiredState: { not: 'REMOVED' } },
    select: { bridgeSecret: true },
  });
  return instance !== null && isSameToken(secret, keys.open(instance.bridgeSecret));
}

/** Reads the instance. Throws BRIDGE_UNKNOWN when it was removed, or another bridge has enrolled meanwhile. */
export async function requireBridgeRow({ db, keys }: Core, { tenantId, instanceId, secret }: AuthenticatedBridge) {
  const row = await db.tenant(tenantId).agentInstance.findUnique({ where: { id: instanceId } });
  if (!row || row.desiredState === 'REMOVED' || keys.open(row.bridgeSecret) !== secret) throw bridgeUnknown();
  return { ...row, tenantId };
}
export type BridgeRow = Awaited<ReturnType<typeof requireBridgeRow>>;

/** The error for a bridge whose instance was removed or enrolled elsewhere. The bridge stops when it gets this. */
const bridgeUnknown = () =>
  new AppError('BRIDGE_UNKNOWN', 'The instance of this bridge was removed, or another bridge has enrolled for it.');
