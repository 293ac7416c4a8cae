import type { InstanceChange, InstanceUsage } from '@it0/api/agent/instance/local-instances';
import type { Model } from '@it0/api/agent/instance/model-settings';
import type { Logger } from 'pino';

/** Runs instances, whatever that means where they live, and tells what becomes of them. */
export type Driver = {
  start(instance: { id: string; secret: string; model?: Model }): void;
  /** Resolves when it has ended. */
  stop(instanceId: string): Promise<void>;
  /** Deletes all that it kept, once it has ended. */
  remove(instanceId: string): Promise<void>;
  /** Stops everything it started and waits for it. */
  close(): Promise<void>;
};

export type DriverOptions = {
  dataDir: string;
  onChange(instanceId: string, change: InstanceChange): void;
  onUsage?(instanceId: string, usage: InstanceUsage): void;
  log: Logger;
};
