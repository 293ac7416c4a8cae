import type { InstanceHost } from '@it0/api/instance-host';
import type { Isolation } from '@it0/contracts/bridge';
import { toInstanceFolder, toInstanceKey } from './drivers/driver.ts';
import { readLogs } from './drivers/local/logs.ts';
import { availableMemory } from './drivers/local/memory.ts';

type HostOptions = {
  dataDir: string;
  availableMemory?: () => Promise<number>;
  isolation?: Promise<Isolation | null>;
};

/** The API's view of this machine. It calls `onReconcile` when the desired state of an instance changes. */
export type ReconciledHost = InstanceHost & { onReconcile(): void };

/** Creates the API's view of this machine. */
export function createInstanceHost({ dataDir, availableMemory: memory, isolation }: HostOptions): ReconciledHost {
  const host = {
    onReconcile() {},
    reconcileNow: () => host.onReconcile(),
    availableMemory: memory ?? availableMemory,
    isolation: async () => (await isolation) ?? null,
    logs: (tenantId: string, id: string) => readLogs(toInstanceFolder(dataDir, toInstanceKey(tenantId, id))),
  };
  return host;
}
