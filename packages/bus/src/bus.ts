import type { Batch } from '@it0/contracts/chat-event';

/** In place of events that could not be carried: the log may have some up to this `seq`, Infinity when nobody knows. */
export type Gap = { upTo: number };
export type Delivery = Batch | Gap;
export type Listener = (news: Delivery) => void;

export const isGap = (news: Delivery): news is Gap => 'upTo' in news;

/**
 * Carries committed batches to whoever listens. The log is the truth: a bus may lose anything, and that costs latency
 * only, because a reader that sees a gap in `seq`, or is told of one, reads the log.
 */
export interface Bus {
  /** Servers whose buses have the same identity hear each other. */
  readonly identity: string;
  /** Never throws and never waits. Listeners of this process hear it at once; what cannot be carried further is lost. */
  publish(channel: string, batch: Batch): void;
  /** From now on, until the result is called. */
  subscribe(channel: string, listener: Listener): () => void;
  /** How many listen in this process. */
  listenerCount(): number;
  /** How long something takes from here over the wire and back, in milliseconds. Rejects when it does not come. */
  ping(): Promise<number>;
  close(): Promise<void>;
}

/** Where a session's events travel. */
export const sessionChannel = (tenantId: string, sessionId: string) => `${tenantId}:${sessionId}`;

/** Where it is told that something of a tenant's instances changed: empty batches, since whoever hears one looks for itself. */
export const instancesChannel = (tenantId: string) => `${tenantId}:instances`;

/** Where it is said, by an empty batch, that what waits for a decision in a tenant has changed. */
export const approvalChannel = (tenantId: string) => `${tenantId}:approvals`;

/** Where it is said, by an empty batch, that a bridge that fetches its requests is asked something, or has answered. */
export const bridgeChannel = (tenantId: string, instanceId: string) => `${tenantId}:bridge:${instanceId}`;
