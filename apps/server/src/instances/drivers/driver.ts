import { join } from 'node:path';
import type { InstanceChange, InstanceUsage } from '@it0/api/agent/instance/instance-records';
import type { Model } from '@it0/api/agent/instance/model-settings';
import type { Logger } from 'pino';

/** Key of an instance over all tenants: its tenant and its id. iAgent has no tenant. */
export type InstanceKey = `${string}/${string}` | 'assistant';
export const instanceKey = (tenantId: string, id: string): InstanceKey => `${tenantId}/${id}`;

/** Returns the folder of all instances, which has a folder per tenant. */
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
  /** Deletes the folders of all instances of a tenant, once they have ended. */
  removeTenant(tenantId: string): Promise<void>;
  /** Stops everything it started and waits for it. */
  close(): Promise<void>;
};

export type DriverOptions = {
  dataDir: string;
  onChange(key: InstanceKey, change: InstanceChange): void;
  /** Uses up the approval of a command outside the sandbox, or returns the refusal. Required for such commands. */
  consumeApproval?(
    key: InstanceKey,
    asked: { approvalId: string; command: string; cwd: string },
  ): Promise<string | null>;
  onUsage?(key: InstanceKey, usage: InstanceUsage): void;
  log: Logger;
};
