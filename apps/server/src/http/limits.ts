import type { StorageLimits } from '@it0/api/agent/attachment/quota';

/** Limits per person or network: generous for normal use, but low enough to stop an attack. */
export type ServerLimits = {
  /** Calls of a person over HTTP, WebSocket, REST and MCP together; the burst is half of that. */
  callsPerMinute: number;
  /** Open WebSockets of a person. A network may have four times as many unauthenticated ones. */
  socketsPerPerson: number;
  storage: StorageLimits;
};

export const DEFAULT_LIMITS: ServerLimits = {
  callsPerMinute: 1_200,
  socketsPerPerson: 50,
  storage: { tenantMb: 20_000, unsentMb: 250 },
};

/** Maximum number of streams of one person over all sockets. */
export const STREAMS_PER_PERSON = 500;

/** Limits of one WebSocket. */
export const SOCKET_LIMITS = {
  /** Open subscriptions. */
  streams: 50,
  /** Pending queries and mutations. */
  calls: 50,
  /** Messages in one frame. */
  messages: 100,
  /** Messages of a frame that are started before other sockets are served. */
  messagesAtOnce: 10,
  framesPerMinute: 1_200,
  /** Time in which a client has to authenticate. */
  authMs: 5_000,
} as const;

/** Timeouts for the headers and for the whole request, so that slow requests do not occupy connections. */
export const REQUEST_TIMEOUTS_MS = { headersTimeout: 15_000, requestTimeout: 120_000 };
