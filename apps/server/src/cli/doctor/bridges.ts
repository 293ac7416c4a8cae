import { fetchHealth } from '@it0/api/agent/bridge/fetch-health';
import type { Keys } from '@it0/api/keys';
import type { BridgeHealth } from '@it0/contracts/bridge';
import type { Database } from '@it0/db/database';
import type { AgentInstance } from '@it0/db/generated/tenant/client';
import { findAdvice } from './advice.ts';
import type { Finding } from './finding.ts';
import { formatIsolation } from './isolation.ts';

/** Row of an instance or of iAgent, as far as its bridge is concerned. */
type Bridge = {
  bridgeUrl: string | null;
  bridgeSecret: Uint8Array;
  statusReason: string | null;
  statusDetail: string | null;
};

/** Checks the bridge and the gateway of every instance that is not stopped. */
export async function* examineBridges(db: Database, keys: Keys, tenantIds: string[]): AsyncGenerator<Finding> {
  const versions = new Set<string>();
  for (const tenantId of tenantIds) {
    const where = { status: { not: 'STOPPED' } } as const;
    for (const instance of await db.tenant(tenantId).agentInstance.findMany({ where })) {
      if (instance.driver === 'remote') {
        yield { subject: `instance ${instance.id}`, ...(await examineRemote(db, tenantId, instance)) };
        continue;
      }
      const format = (health: BridgeHealth) => formatGateway(health) + formatIsolation(instance);
      const { health, ...finding } = await examineBridge(instance, keys, format);
      if (health?.engine.version) versions.add(health.engine.version);
      yield { subject: `instance ${instance.id}`, ...finding };
    }
  }
  if (versions.size > 1) {
    const state = [...versions].sort().join(', ');
    yield { subject: 'gateways', state, advice: 'Install the same version of all gateways.' };
  }
}

/** Checks an instance on another host by the last report of its bridge, since this machine may not reach it. */
async function examineRemote({ platform }: Database, tenantId: string, instance: AgentInstance) {
  const { id: instanceId, status, bridgeHost } = instance;
  const where = { tenantId_instanceId: { tenantId, instanceId } };
  const lastSeenAt = (await platform.remoteBridge.findUnique({ where }))?.lastSeenAt;
  const seen = lastSeenAt ? `last seen ${Math.round((Date.now() - lastSeenAt.getTime()) / 1_000)} s ago` : 'never seen';
  const isHealthy = status === 'RUNNING' || (status === 'DEPLOYING' && instance.statusReason === null);
  const advice = findAdvice(instance) ?? 'See its log.';
  const state = `${status} on ${bridgeHost ?? 'no machine yet'}, ${seen}${formatIsolation(instance)}`;
  return { state, advice: isHealthy ? null : advice };
}

/** Checks the bridge of iAgent. Yields nothing when this installation does not run it. */
export async function* examineAssistant({ platform }: Database, keys: Keys): AsyncGenerator<Finding> {
  const assistant = await platform.assistant.findFirst();
  if (!assistant) return;
  const format = ({ ready, model }: BridgeHealth) =>
    `${assistant.engineType}, ${ready ? 'ready' : 'not ready'}, model ${model?.name ?? 'unknown'}`;
  const { health: _, ...finding } = await examineBridge(assistant, keys, format);
  yield { subject: 'iAgent', ...finding };
}

const formatGateway = ({ engine: { version, connected } }: BridgeHealth) =>
  `gateway ${version ?? 'of unknown version'}, ${connected ? 'connected' : 'not connected'}`;

async function examineBridge(bridge: Bridge, keys: Keys, format: (health: BridgeHealth) => string) {
  const secret = openSecret(keys, bridge.bridgeSecret);
  if (secret === null)
    return { state: 'its secret cannot be decrypted', advice: 'Set IT0_SECRET to the secret it was created with.' };
  const health = bridge.bridgeUrl ? await fetchHealth(bridge.bridgeUrl, secret) : null;
  if (health) return { health, state: format(health), advice: health.ready ? null : (health.detail ?? 'See its log.') };
  const advice = findAdvice(bridge) ?? 'Restart the server that runs it. Its log shows why a bridge ended.';
  return { state: 'its bridge does not respond', advice };
}

function openSecret(keys: Keys, sealed: Uint8Array): string | null {
  try {
    return keys.open(sealed);
  } catch {
    return null;
  }
}
