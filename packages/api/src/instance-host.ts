import type { Isolation } from '@it0/contracts/bridge';

/** The machine on which local instances run, as the API sees it. */
export type InstanceHost = {
  /** Reconciles instances at once, after a change of a desired state. Has no effect unless this server runs them. */
  reconcileNow(): void;
  /** Returns the memory that is available for more instances, in bytes. */
  availableMemory(): Promise<number>;
  /** Returns the isolation of local instances; null when none run here, or when it is not checked. */
  isolation(): Promise<Isolation | null>;
  /** Reads the last log lines of an instance, and the secrets that may occur in them. */
  logs(tenantId: string, instanceId: string): Promise<{ bridge: string[]; gateway: string[]; secrets: string[] }>;
};
