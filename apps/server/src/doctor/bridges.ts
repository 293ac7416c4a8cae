import { askHealth } from '@it0/api/agent/bridge/ask-health';
import type { Keys } from '@it0/api/auth/keys';
import type { Database } from '@it0/db/database';
import type { Finding } from './finding.ts';

/** Every instance that should run: whether its bridge answers, and its gateway. */
export async function* examineBridges(db: Database, keys: Keys, tenantIds: string[]): AsyncGenerator<Finding> {
  const versions = new Set<string>();
  for (const tenantId of tenantIds) {
    const where = { status: { not: 'STOPPED' } } as const;
    for (const instance of await db.tenant(tenantId).agentInstance.findMany({ where })) {
      const what = `instance ${instance.id}`;
      const secret = open(keys, instance.bridgeSecret);
      if (secret === null) {
        yield { what, seen: 'its secret cannot be read', todo: 'Set IT0_SECRET to the one it was made with.' };
        continue;
      }
      const health = instance.bridgeUrl ? await askHealth(instance.bridgeUrl, secret) : null;
      if (!health) {
        const todo =
          instance.statusDetail ?? 'Start the server that runs it again; its log says why a bridge does not stay.';
        yield { what, seen: 'its bridge does not answer', todo };
        continue;
      }
      const { version, connected } = health.gateway;
      if (version) versions.add(version);
      const seen = `gateway ${version ?? 'of unknown version'}, ${connected ? 'connected' : 'not connected'}`;
      yield { what, seen, todo: health.ready ? null : (health.detail ?? 'Look at the gateway’s log.') };
    }
  }
  if (versions.size > 1) {
    const seen = [...versions].sort().join(', ');
    yield { what: 'gateways', seen, todo: 'Bring all gateways to the same version.' };
  }
}

function open(keys: Keys, sealed: Uint8Array): string | null {
  try {
    return keys.open(sealed);
  } catch {
    return null;
  }
}
