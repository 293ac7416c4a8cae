import { join } from 'node:path';
import type { InstanceChange, InstanceUsage } from '@it0/api/agent/instance/local-instances';
import type { Model } from '@it0/api/agent/instance/model-settings';
import type { Logger } from 'pino';

/** An instance among those of all tenants, by its tenant and its id; iAgent is nobody's. */
export type InstanceKey = `${string}/${string}` | 'assistant';
export const instanceKey = (tenantId: string, id: string): InstanceKey => `${tenantId}/${id}`;

/** Where the folders of instances are: those of a tenant in one of its own. */
export const instancesFolder = (dataDir: string) => join(dataDir, 'instances');
export const tenantFolder = (dataDir: string, tenantId: string) => join(instancesFolder(dataDir), tenantId);
export const instanceFolder = (dataDir: string, key: InstanceKey) => join(instancesFolder(dataDir), key);

/** Runs instances, whatever that means where they live, and tells what becomes of them. */
export type Driver = {
  start(instance: { key: InstanceKey; secret: string; model?: Model }): void;
  /** Resolves when it has ended. */
  stop(key: InstanceKey): Promise<void>;
  /** Deletes all that it kept, once it has ended. */
  remove(key: InstanceKey): Promise<void>;
  /** Deletes all that the instances of a tenant kept, once they have ended. */
  removeTenant(tenantId: string): Promise<void>;
  /** Stops everything it started and waits for it. */
  close(): Promise<void>;
};

export type DriverOptions = {
  dataDir: string;
  onChange(key: InstanceKey, change: InstanceChange): void;
  /** Takes the approval of a command outside of the sandbox, once, or returns why not; without it no command runs there. */
  takeApproval?(key: InstanceKey, asked: { command: string; cwd: string }): Promise<string | null>;
  onUsage?(key: InstanceKey, usage: InstanceUsage): void;
  log: Logger;
};
