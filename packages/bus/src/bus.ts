import type { Batch } from '@it0/contracts/chat-event';

export type Listener = (batch: Batch) => void;

/**
 * Carries committed batches to whoever listens. The log is the truth: a bus may lose anything, and that costs latency
 * only, because a reader that sees a gap in `seq` reads the log.
 */
export interface Bus {
  /** Never throws and never waits: what cannot be carried is lost. */
  publish(channel: string, batch: Batch): void;
  /** Resolves once live: everything published afterwards arrives. The result ends the subscription. */
  subscribe(channel: string, listener: Listener): Promise<() => void>;
  close(): Promise<void>;
}

/** Where a session's events travel. */
export const sessionChannel = (tenantId: string, sessionId: string) => `${tenantId}:${sessionId}`;
