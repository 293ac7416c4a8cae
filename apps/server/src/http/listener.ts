import { once } from 'node:events';
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { Server as NetServer } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import type { ErrorResponse } from '@it0/contracts/error-response';
import { delay } from '@it0/node/delay';
import { refuseMalformedRequests } from '@it0/node/refuse-request';
import { REQUEST_TIMEOUTS_MS } from './limits.ts';

/** An HTTP server that can be stopped without a failed request. */
export type HttpListener = AsyncDisposable & {
  server: Server;
  /**
   * Accepts no more connections. Requests on the open ones are still served, each as the last one of its connection, so
   * that a gateway goes elsewhere.
   */
  refuse(): Promise<void>;
};

type ListenOptions = {
  host: string;
  /** 0 for any free port. */
  port: number;
  /** Whether a gateway is in front. It reuses connections for longer than a browser. */
  isProxied: boolean;
};

/**
 * Time for which idle connections are left open, so that a gateway learns from a refused connection that it has to go
 * elsewhere. It cannot repeat a request that it sends on a connection that is being closed.
 */
const IDLE_MS = 500;
/** Time for running requests to end after that. */
const REQUESTS_MS = 10_000;
/** Longer than the 60 s for which nginx, Kong and most load balancers reuse an idle connection. */
const PROXY_KEEP_ALIVE_MS = 75_000;
/** A turn of the event loop that is short enough, and the number of turns to wait for one. */
const SHORT_TURN = { ms: 1, attempts: 1_000 };

/** Starts an HTTP server. Disposing it waits for running requests, up to a limit, and closes all connections. */
export async function listen(app: RequestListener, { host, port, isProxied }: ListenOptions): Promise<HttpListener> {
  const running = new Set<ServerResponse>();
  let isRefusing = false;
  const server = createServer(REQUEST_TIMEOUTS_MS, (request, response) => {
    running.add(response);
    response.once('close', () => running.delete(response));
    if (isRefusing) endConnection(response);
    app(request, response);
  });
  if (isProxied) server.keepAliveTimeout = PROXY_KEEP_ALIVE_MS;
  refuseMalformedRequests(server, (message): ErrorResponse => ({ reason: 'INVALID_INPUT', message }));
  server.listen(port, host);
  await once(server, 'listening');
  const closed = once(server, 'close');

  async function refuse() {
    if (isRefusing) return;
    await waitForShortTurn();
    // Unlike `server.close`, this leaves idle connections open.
    NetServer.prototype.close.call(server);
    isRefusing = true;
    running.forEach(endConnection);
  }
  return {
    server,
    refuse,
    async [Symbol.asyncDispose]() {
      await refuse();
      if (isProxied) await delay(IDLE_MS);
      server.close();
      const ended = new AbortController();
      void Promise.all([...running].map(waitForClose)).then(() => ended.abort());
      await delay(REQUESTS_MS, ended.signal);
      server.closeAllConnections();
      await closed;
    },
  };
}

/**
 * Waits for a short turn of the event loop, which has accepted the connections of all before it. The operating system
 * resets those that still wait when the server stops to listen.
 */
async function waitForShortTurn() {
  for (let attempt = 0; attempt < SHORT_TURN.attempts; attempt++) {
    const startedAt = performance.now();
    await setImmediate();
    if (performance.now() - startedAt < SHORT_TURN.ms) return;
  }
}

/** Ends the connection of a response after it. */
function endConnection(response: ServerResponse) {
  if (!response.headersSent) response.setHeader('connection', 'close');
}

const waitForClose = (response: ServerResponse) => new Promise((resolve) => response.once('close', resolve));
