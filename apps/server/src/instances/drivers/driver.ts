import { join } from 'node:path';
import type { InstanceChange, InstanceUsage } from '@it0/api/agent/instance/instance-records';
import type { Model } from '@it0/api/agent/instance/model-settings';
import type { Logger } from 'pino';

/** Key of an instance that is unique across tenants: its tenant and its id. iAgent has no tenant. */
export type InstanceKey = `${string}/${string}` | 'assistant';
export const toInstanceKey = (tenantId: string, id: string): InstanceKey => `${tenantId}/${id}`;

/** Returns the folder of all instances, which has a folder per tenant. */
export const toInstancesFolder = (dataDir: string) => join(dataDir, 'instances');
export const toTenantFolder = (dataDir: string, tenantId: string) => join(toInstancesFolder(dataDir), tenantId);
export const toInstanceFolder = (dataDir: string, key: InstanceKey) => join(toInstancesFolder(dataDir), key);

/** Runs instances on this machine and reports their changes. Disposing it stops them all and waits for their end. */
export type LocalDriver = AsyncDisposable & {
  start(instance: { key: InstanceKey; secret: string; model?: Model }): void;
  /** Stops an instance. Resolves when its processes have ended. */
  stop(key: InstanceKey): Promise<void>;
  /** Stops an instance and deletes its folder. */
  remove(key: InstanceKey): Promise<void>;
  /** Stops all instances of a tenant and deletes their folders. */
  removeTenant(tenantId: string): Promise<void>;
};

export type DriverOptions = {
  dataDir: string;
  onChange(key: InstanceKey, change: InstanceChange): void;
  /**
   * Consumes the approval of a command outside the sandbox. Returns null, or the reason for a refusal. Without this
   * function, such commands do not run.
   */
  consumeApproval?(
    key: InstanceKey,
    request: { approvalId: string; command: string; cwd: string },
  ): Promise<string | null>;
  onUsage?(key: InstanceKey, usage: InstanceUsage): void;
  log: Logger;
};
