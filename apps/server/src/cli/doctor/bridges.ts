import { askHealth } from '@it0/api/agent/bridge/ask-health';
import type { Keys } from '@it0/api/auth/keys';
import type { BridgeHealth } from '@it0/contracts/bridge';
import type { Database } from '@it0/db/database';
import type { AgentInstance } from '@it0/db/generated/tenant/client';
import { adviceFor } from './advice.ts';
import type { Finding } from './finding.ts';
import { seenOfIsolation } from './isolation.ts';

/** Where a bridge should answer, as a row has it. */
type Bridge = {
  bridgeUrl: string | null;
  bridgeSecret: Uint8Array;
  statusReason: string | null;
  statusDetail: string | null;
};

/** Every instance that should run: whether its bridge answers, and its gateway. */
export async function* examineBridges(db: Database, keys: Keys, tenantIds: string[]): AsyncGenerator<Finding> {
  const versions = new Set<string>();
  for (const tenantId of tenantIds) {
    const where = { status: { not: 'STOPPED' } } as const;
    for (const instance of await db.tenant(tenantId).agentInstance.findMany({ where })) {
      if (instance.driver === 'remote') {
        yield { what: `instance ${instance.id}`, ...(await examineRemote(db, tenantId, instance)) };
        continue;
      }
      const seen = (health: BridgeHealth) => seenOfGateway(health) + seenOfIsolation(instance);
      const { health, ...finding } = await examineBridge(instance, keys, seen);
      if (health?.engine.version) versions.add(health.engine.version);
      yield { what: `instance ${instance.id}`, ...finding };
    }
  }
  if (versions.size > 1) {
    const seen = [...versions].sort().join(', ');
    yield { what: 'gateways', seen, todo: 'Bring all gateways to the same version.' };
  }
}

/** One on another host, which may be reached by nobody: how it is by its bridge's own word, and how old that is. */
async function examineRemote({ platform }: Database, tenantId: string, instance: AgentInstance) {
  const { id: instanceId, status, bridgeHost } = instance;
  const where = { tenantId_instanceId: { tenantId, instanceId } };
  const lastSeenAt = (await platform.remoteBridge.findUnique({ where }))?.lastSeenAt;
  const ago = lastSeenAt
    ? `heard of ${Math.round((Date.now() - lastSeenAt.getTime()) / 1_000)} s ago`
    : 'never heard of';
  const isWell = status === 'RUNNING' || (status === 'DEPLOYING' && instance.statusReason === null);
  const todo = adviceFor(instance) ?? 'Look at its log.';
  const seen = `${status} on ${bridgeHost ?? 'no machine yet'}, ${ago}${seenOfIsolation(instance)}`;
  return { seen, todo: isWell ? null : todo };
}

/** iAgent’s bridge. Nothing where this installation runs none. */
export async function* examineAssistant({ platform }: Database, keys: Keys): AsyncGenerator<Finding> {
  const assistant = await platform.assistant.findFirst();
  if (!assistant) return;
  const seen = ({ ready, model }: BridgeHealth) =>
    `${assistant.engineType}, ${ready ? 'ready' : 'not ready'}, model ${model.name}`;
  const { health: _, ...finding } = await examineBridge(assistant, keys, seen);
  yield { what: 'iAgent', ...finding };
}

const seenOfGateway = ({ engine: { version, connected } }: BridgeHealth) =>
  `gateway ${version ?? 'of unknown version'}, ${connected ? 'connected' : 'not connected'}`;

async function examineBridge(bridge: Bridge, keys: Keys, seen: (health: BridgeHealth) => string) {
  const secret = open(keys, bridge.bridgeSecret);
  if (secret === null)
    return { seen: 'its secret cannot be read', todo: 'Set IT0_SECRET to the one it was made with.' };
  const health = bridge.bridgeUrl ? await askHealth(bridge.bridgeUrl, secret) : null;
  if (health) return { health, seen: seen(health), todo: health.ready ? null : (health.detail ?? 'Look at its log.') };
  const todo = adviceFor(bridge) ?? 'Start the server that runs it again; its log says why a bridge does not stay.';
  return { seen: 'its bridge does not answer', todo };
}

function open(keys: Keys, sealed: Uint8Array): string | null {
  try {
    return keys.open(sealed);
  } catch {
    return null;
  }
}
