import type { AppRouter } from '@it0/api/router';
import { limits } from '@it0/contracts/limits';
import type { Reason } from '@it0/contracts/reasons';
import {
  createTRPCClient,
  createWSClient,
  type HTTPHeaders,
  httpBatchLink,
  splitLink,
  type TRPCLink,
  wsLink,
} from '@trpc/client';
import { observable } from '@trpc/server/observable';
import { getReason } from './errors.ts';
import { fastFailWebSocket } from './fast-fail-web-socket.ts';
import { createServerClock, type ServerClock } from './server-clock.ts';

export type ConnectOptions = {
  /** The server's origin, `http://host:port`. */
  url: string;
  WebSocket?: typeof WebSocket;
  /** Sent with every request; a browser's cookie needs none. */
  headers?: HTTPHeaders | (() => HTTPHeaders);
  /** What a WebSocket says of itself where no header can, such as a bearer token. */
  connectionParams?: () => Record<string, string>;
  /** Hears of every request and subscription that the server refused. */
  onRefused?(reason: Reason, path: string): void;
  /** The WebSocket has opened, or opened again: meanwhile anything may have changed. */
  onOpen?(): void;
};

/** A request that got no answer in this time failed, in milliseconds. */
const requestTimeout = 10_000;

/**
 * The typed way to the server: subscriptions over one WebSocket that opens with the first and closes after the last,
 * everything else over http. `links` make further clients on the same connection.
 */
export function connect({
  url,
  WebSocket = globalThis.WebSocket,
  headers,
  connectionParams,
  onRefused = () => {},
  onOpen,
}: ConnectOptions) {
  const clock = createServerClock();
  const socket = createWSClient({
    url: `${url.replace(/^http/, 'ws')}/ws/agent`,
    WebSocket: fastFailWebSocket(WebSocket),
    connectionParams,
    onOpen,
    lazy: { enabled: true, closeMs: 1_000 },
    keepAlive: { enabled: true, intervalMs: 4_000, pongTimeoutMs: 4_000 },
    retryDelayMs: backoff,
  });
  const links: TRPCLink<AppRouter>[] = [
    numbered(),
    listenFor(onRefused),
    splitLink({
      condition: (op) => op.type === 'subscription',
      true: wsLink({ client: socket }),
      false: httpBatchLink({ url: `${url}/trpc`, headers, fetch: fetchWith(clock), maxItems: limits.batchCalls }),
    }),
  ];
  return {
    links,
    trpc: createTRPCClient<AppRouter>({ links }),
    /** Returns the server's time in milliseconds, from the dates of its responses. */
    now: clock.now,
    /** Ends every subscription. The next one connects anew, as who one is by then. */
    close: () => socket.close(),
  };
}

/** Every client counts its requests from 1, and on one WebSocket a number is one request's. */
function numbered(): TRPCLink<AppRouter> {
  let id = 0;
  return () =>
    ({ op, next }) => {
      id += 1;
      return next({ ...op, id });
    };
}

const listenFor =
  (onRefused: (reason: Reason, path: string) => void): TRPCLink<AppRouter> =>
  () =>
  ({ op, next }) =>
    observable((observer) =>
      next(op).subscribe({
        next: (value) => observer.next(value),
        complete: () => observer.complete(),
        error(error) {
          const reason = getReason(error);
          if (reason) onRefused(reason, op.path);
          observer.error(error);
        },
      }),
    );

export type Connection = ReturnType<typeof connect>;
export type Client = Connection['trpc'];

/** Milliseconds before a further attempt, the first being 0: doubles up to ten seconds, spread so that clients do not come back together. */
export const backoff = (attempt: number) => Math.min(250 * 2 ** attempt, 10_000) * (0.5 + Math.random() / 2);

const fetchWith =
  (clock: ServerClock): typeof fetch =>
  async (input, init) => {
    const timeout = AbortSignal.timeout(requestTimeout);
    const signal = init?.signal ? AbortSignal.any([init.signal, timeout]) : timeout;
    const response = await fetch(input, { ...init, signal });
    clock.observe(response.headers.get('date'));
    return response;
  };
