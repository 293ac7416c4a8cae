import type { AppRouter } from '@it0/api/router';
import {
  createTRPCClient,
  createWSClient,
  type HTTPHeaders,
  httpBatchLink,
  splitLink,
  type TRPCLink,
  wsLink,
} from '@trpc/client';
import { promptWebSocket } from './prompt-web-socket.ts';

export type ConnectOptions = {
  /** The server's origin, `http://host:port`. */
  url: string;
  WebSocket?: typeof WebSocket;
  /** Sent with every request; a browser's cookie needs none. */
  headers?: HTTPHeaders | (() => HTTPHeaders);
  /** What a WebSocket says of itself where no header can, such as a bearer token. */
  connectionParams?: () => Record<string, string>;
};

/** A request that got no answer in this time failed, in milliseconds. */
const requestTimeout = 10_000;

/**
 * The typed way to the server: subscriptions over one WebSocket that opens with the first and closes after the last,
 * everything else over http. `links` make further clients on the same connection.
 */
export function connect({ url, WebSocket = globalThis.WebSocket, headers, connectionParams }: ConnectOptions) {
  const socket = createWSClient({
    url: `${url.replace(/^http/, 'ws')}/ws/agent`,
    WebSocket: promptWebSocket(WebSocket),
    connectionParams,
    lazy: { enabled: true, closeMs: 1_000 },
    keepAlive: { enabled: true, intervalMs: 4_000, pongTimeoutMs: 2_000 },
    retryDelayMs: backoff,
  });
  const links: TRPCLink<AppRouter>[] = [
    splitLink({
      condition: (op) => op.type === 'subscription',
      true: wsLink({ client: socket }),
      false: httpBatchLink({ url: `${url}/trpc`, headers, fetch: withTimeout }),
    }),
  ];
  return { links, trpc: createTRPCClient<AppRouter>({ links }), close: () => socket.close() };
}

export type Connection = ReturnType<typeof connect>;
export type Client = Connection['trpc'];

/** Milliseconds before a further attempt, the first being 0: doubles up to ten seconds, spread so that clients do not come back together. */
export const backoff = (attempt: number) => Math.min(250 * 2 ** attempt, 10_000) * (0.5 + Math.random() / 2);

const withTimeout: typeof fetch = (input, init) => {
  const timeout = AbortSignal.timeout(requestTimeout);
  return fetch(input, { ...init, signal: init?.signal ? AbortSignal.any([init.signal, timeout]) : timeout });
};
