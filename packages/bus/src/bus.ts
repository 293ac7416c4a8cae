import type { Batch } from '@it0/contracts/chat-event';

/**
 * Notice of lost events: the log can have further events up to the `seq` `upTo`, or up to Infinity if that is unknown.
 */
export type Gap = { upTo: number };
/** A batch of events, or a notice in place of one. */
export type Delivery = Batch | Gap;
/** Receives the deliveries of a channel, in order. Must not throw. */
export type Listener = (delivery: Delivery) => void;

/** Returns whether a delivery is a notice of lost events. */
export const isGap = (delivery: Delivery): delivery is Gap => 'upTo' in delivery;

/**
 * Publishes committed batches to subscribers in this process and in other servers. The log is the source of truth: a
 * bus can lose any message at the cost of latency only, since a reader that detects a gap in `seq` or receives a `Gap`
 * reads the log.
 */
export interface Bus extends AsyncDisposable {
  /** Servers whose buses have the same identity receive each other's messages. */
  readonly identity: string;
  /**
   * Delivers a batch to listeners in this process, and queues it for other servers. Never throws or waits; a message
   * that cannot be sent is lost.
   */
  publish(channel: string, batch: Batch): void;
  /** Adds a listener to a channel. Returns the function that removes it. */
  subscribe(channel: string, listener: Listener): () => void;
  /** Returns the number of listeners in this process. */
  listenerCount(): number;
  /** Measures the round trip of a message in milliseconds. Rejects when the message does not return within 3 s. */
  ping(): Promise<number>;
}

/** Returns the channel of a session's events. */
export const toSessionChannel = (tenantId: string, sessionId: string) => `${tenantId}:${sessionId}`;

/**
 * Returns the channel of changes to a tenant's instances. Its batches are empty: subscribers read the current state.
 */
export const toInstancesChannel = (tenantId: string) => `${tenantId}:instances`;

/** Returns the channel of changes to a tenant's pending approvals. Its batches are empty. */
export const toApprovalsChannel = (tenantId: string) => `${tenantId}:approvals`;

/** Returns the channel of changes to a person's drafts. Its batches are empty. */
export const toDraftsChannel = (tenantId: string, userId: string) => `${tenantId}:drafts:${userId}`;

/** Returns the channel of requests to a polling bridge and of its responses. Its batches are empty. */
export const toBridgeChannel = (tenantId: string, instanceId: string) => `${tenantId}:bridge:${instanceId}`;
