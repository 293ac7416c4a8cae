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
import { createFastFailWebSocket } from './fast-fail-web-socket.ts';
import { createServerClock, type ServerClock } from './server-clock.ts';

/** Options of `connect`. */
export type ConnectOptions = {
  /** Origin of the server, such as `http://host:port`. */
  url: string;
  /** Defaults to the global `WebSocket`. */
  WebSocket?: typeof WebSocket;
  /** HTTP headers of every request. A browser with a login cookie needs none. */
  headers?: HTTPHeaders | (() => HTTPHeaders);
  /** Parameters of the WebSocket's first message, such as a bearer token. A browser cannot set headers there. */
  connectionParams?: () => Record<string, string>;
  /** Called for every request and subscription that ends with an error of the server. `path` is the procedure. */
  onRefused?(reason: Reason, path: string): void;
  /** Called whenever the WebSocket has connected or reconnected. State can have changed in between. */
  onOpen?(): void;
  /** Link that can answer operations itself, before they are sent. */
  firstLink?: TRPCLink<AppRouter>;
};

const REQUEST_TIMEOUT_MS = 10_000;

/**
 * Creates a typed client. Subscriptions share one WebSocket, which is open only while there are any. Queries and
 * mutations use HTTP. `links` can be used for further clients on the same connection.
 */
export function connect({
  url,
  WebSocket = globalThis.WebSocket,
  headers,
  connectionParams,
  onRefused = () => {},
  onOpen,
  firstLink,
}: ConnectOptions) {
  const clock = createServerClock();
  const socket = createWSClient({
    url: `${url.replace(/^http/, 'ws')}/ws/agent`,
    WebSocket: createFastFailWebSocket(WebSocket),
    connectionParams,
    onOpen,
    lazy: { enabled: true, closeMs: 1_000 },
    keepAlive: { enabled: true, intervalMs: 4_000, pongTimeoutMs: 4_000 },
    retryDelayMs: backoff,
  });
  const links: TRPCLink<AppRouter>[] = [
    uniqueIds(),
    onErrorLink(onRefused),
    ...(firstLink ? [firstLink] : []),
    splitLink({
      condition: (op) => op.type === 'subscription',
      true: wsLink({ client: socket }),
      false: httpBatchLink({ url: `${url}/trpc`, headers, fetch: createFetch(clock), maxItems: limits.batchCalls }),
    }),
  ];
  return {
    links,
    trpc: createTRPCClient<AppRouter>({ links }),
    /** Returns the server's time in milliseconds, from the dates of its responses. */
    now: clock.now,
    /** Adjusts `now` to the `date` header of a response to another client, and the local time of its arrival. */
    observeDate: clock.observe,
    /** Ends all subscriptions. The next one opens a new WebSocket with the credentials of that time. */
    close: () => socket.close(),
  };
}

/**
 * Numbers the operations of all clients on this connection. Each client counts from 1 by itself, but ids have to be
 * unique on a shared WebSocket.
 */
function uniqueIds(): TRPCLink<AppRouter> {
  let id = 0;
  return () =>
    ({ op, next }) => {
      id += 1;
      return next({ ...op, id });
    };
}

/** Reports the reasons of failed operations. */
const onErrorLink =
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

/** Return value of `connect`. */
export type Connection = ReturnType<typeof connect>;
/** Typed tRPC client of the server. */
export type Client = Connection['trpc'];

/**
 * Returns the delay before a retry in milliseconds: exponential from 250 ms up to 10 s, with jitter so that clients do
 * not reconnect at the same time. `attempt` starts at 0.
 */
export const backoff = (attempt: number) => Math.min(250 * 2 ** attempt, 10_000) * (0.5 + Math.random() / 2);

/** Adds a timeout to `fetch`, and adjusts the clock to the dates of the responses. */
const createFetch =
  (clock: ServerClock): typeof fetch =>
  async (input, init) => {
    const timeout = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
    const signal = init?.signal ? AbortSignal.any([init.signal, timeout]) : timeout;
    const response = await fetch(input, { ...init, signal });
    clock.observe(response.headers.get('date'));
    return response;
  };
