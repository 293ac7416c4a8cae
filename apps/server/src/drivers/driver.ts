import type { InstanceChange } from '@it0/api/agent/instance/local-instances';
import type { Logger } from 'pino';

/** Runs instances, whatever that means where they live, and tells what becomes of them. */
export type Driver = {
  start(instance: { id: string; secret: string }): void;
  stop(instanceId: string): void;
  /** Stops everything it started and waits for it. */
  close(): Promise<void>;
};

export type DriverOptions = {
  dataDir: string;
  onChange(instanceId: string, change: InstanceChange): void;
  log: Logger;
};
