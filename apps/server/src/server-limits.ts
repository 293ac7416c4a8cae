import type { StorageLimits } from '@it0/api/agent/attachment/quota';

/** What one person or one network may take of a server: generous for people and programs, and an end for whoever attacks. */
export type ServerLimits = {
  /** Calls of a person by http, WebSocket, REST and MCP together, half of them at once. */
  callsPerMinute: number;
  /** Open WebSockets of a person; a network has four times as many of which nobody knows whose they are. */
  socketsPerPerson: number;
  storage: StorageLimits;
};

export const serverLimits: ServerLimits = {
  callsPerMinute: 1_200,
  socketsPerPerson: 50,
  storage: { tenantMb: 20_000, unsentMb: 250 },
};

/** How many streams one person may have on all sockets. */
export const streamsPerPerson = 500;

/** Of one WebSocket. */
export const socketLimits = {
  /** Subscriptions. */
  streams: 50,
  /** Queries and mutations that have no answer yet. */
  calls: 50,
  /** Messages in one frame. */
  messages: 100,
  /** Of these, what is begun before others have their turn. */
  messagesAtOnce: 10,
  framesPerMinute: 1_200,
  /** How long a client may take to say who it is, in milliseconds. */
  introductionMs: 5_000,
} as const;

/** Nobody keeps a connection by sending a request slowly, in milliseconds: its headers, and all of it. */
export const slowSenders = { headersTimeout: 15_000, requestTimeout: 120_000 };
