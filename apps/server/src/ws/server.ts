import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { AppError, toErrorResponse } from '@it0/api/errors';
import { limits } from '@it0/contracts/limits';
import { toNetwork } from '@it0/node/address';
import { every } from '@it0/node/every';
import { refuseOnSocket } from '@it0/node/refuse-request';
import { getHTTPStatusCodeFromError } from '@trpc/server/http';
import { type WebSocket, WebSocketServer } from 'ws';
import { runInTurn } from '../event-loop-turn.ts';
import { foreignOrigin, type HttpDeps, isForeign, readExplicitCredential } from '../http/context.ts';
import { STREAMS_PER_PERSON } from '../http/limits.ts';
import { createSlots } from '../http/slots.ts';
import { watchAccess } from './access-watch.ts';
import { requestReconnect, terminateLater } from './backpressure.ts';
import { type Handshake, type SocketHost, TrpcSocket } from './socket.ts';
import { authenticateSocket } from './socket-auth.ts';

const PATH = '/ws/agent';

/** Timing of pings. Half-open connections are detected within ten seconds. */
const KEEP_ALIVE = { intervalMs: 1_000, pingAfterMs: 5_000, endAfterMs: 8_000 };

/** Serves the router over WebSocket until disposed, which asks all clients to reconnect and closes their connections. */
export function serveWebSocket(server: Server, deps: HttpDeps): AsyncDisposable {
  const { services, ingress, limits: serverLimits } = deps;
  const wss = new WebSocketServer({ noServer: true, maxPayload: limits.requestBytes });
  wss.on('wsClientError', ({ message }, socket) => refuse(socket, new AppError('INVALID_INPUT', `${message}.`)));
  const sockets = new Map<WebSocket, TrpcSocket>();
  const people = createSlots(serverLimits.socketsPerPerson);
  /** Unauthenticated sockets per network. */
  const networks = createSlots(4 * serverLimits.socketsPerPerson);
  const host: SocketHost = {
    log: services.log,
    streams: createSlots(STREAMS_PER_PERSON),
    claimSlot(person, network) {
      if (!people.acquire(person.id)) return false;
      networks.release(network);
      return true;
    },
  };
  server.on('upgrade', (request, socket, head) => {
    // A client may be gone by its turn.
    socket.on('error', () => {});
    runInTurn(() => upgrade(request, socket, head));
  });
  function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer) {
    const [path, search] = request.url?.split('?', 2) ?? [];
    if (path !== PATH) return refuse(socket, new AppError('NOT_FOUND', 'Not found.'));
    const sendsConnectionParams = new URLSearchParams(search).get('connectionParams') === '1';
    const hasCredential = sendsConnectionParams || readExplicitCredential(request.headers) !== null;
    if (isForeign(ingress, request) && !hasCredential) return refuse(socket, foreignOrigin());
    const network = toNetwork(ingress.findClientAddress(request), 64);
    if (networks.isFull(network))
      return refuse(
        socket,
        new AppError('TOO_MANY_REQUESTS', 'Too many unauthenticated connections. Try again later.'),
      );
    const handshake = { authenticate: authenticateSocket(deps, request), sendsConnectionParams, network };
    wss.handleUpgrade(request, socket, head, (client) => accept(client, handshake));
  }
  // A separate function, so that its listeners do not keep the request in memory for the life of the socket.
  function accept(client: WebSocket, handshake: Handshake) {
    client.on('error', (error) => services.log.debug({ err: error }, 'a WebSocket failed'));
    networks.acquire(handshake.network);
    const socket = new TrpcSocket(client, handshake, host);
    sockets.set(client, socket);
    client.once('close', () => {
      sockets.delete(client);
      if (socket.person) people.release(socket.person.id);
      else networks.release(handshake.network);
    });
  }
  const resources = new AsyncDisposableStack();
  resources.use(watchAccess(sockets, services));
  resources.use(
    every({
      ms: KEEP_ALIVE.intervalMs,
      run() {
        for (const [client, { lastSeenAt, isLate }] of sockets) {
          const silentMs = Date.now() - lastSeenAt;
          if (silentMs > KEEP_ALIVE.endAfterMs || isLate) client.terminate();
          else if (silentMs > KEEP_ALIVE.pingAfterMs) client.send('PING');
        }
      },
      onError: (error) => services.log.warn({ err: error }, 'silent sockets could not be checked; retrying'),
    }),
  );
  resources.defer(() => {
    for (const client of sockets.keys()) {
      requestReconnect(client, 1012);
      terminateLater(client);
    }
    wss.close();
  });
  return resources;
}

/** Refuses a handshake. A client of another version of the protocol needs to know ours. */
const refuse = (socket: Duplex, error: AppError) =>
  refuseOnSocket(socket, getHTTPStatusCodeFromError(error), toErrorResponse(error), { 'sec-websocket-version': '13' });
