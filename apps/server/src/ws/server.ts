import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { limits } from '@it0/contracts/limits';
import { networkOf } from '@it0/node/address';
import { type WebSocket, WebSocketServer } from 'ws';
import { explicitCredential, type HttpDeps, isForeign } from '../http/context.ts';
import { STREAMS_PER_PERSON } from '../http/limits.ts';
import { createSlots } from '../http/slots.ts';
import { watchAccess } from './access-watch.ts';
import { requestReconnect } from './backpressure.ts';
import { type Entry, type SocketHost, TrpcSocket } from './socket.ts';
import { authenticateSocket } from './socket-auth.ts';

const PATH = '/ws/agent';

/** A link that is open on one side only is deps as such within ten seconds. */
const keepAlive = { everyMs: 1_000, pingAfterMs: 5_000, endAfterMs: 8_000 };

/** Answers the router on the WebSocket. `close` tells the clients to come back, and then lets them go. */
export function serveWebSocket(server: Server, deps: HttpDeps) {
  const { services, ingress, limits: own } = deps;
  const wss = new WebSocketServer({ noServer: true, maxPayload: limits.requestBytes });
  const sockets = new Map<WebSocket, TrpcSocket>();
  const people = createSlots(own.socketsPerPerson);
  /** Unauthenticated sockets per network. */
  const networks = createSlots(4 * own.socketsPerPerson);
  const host: SocketHost = {
    log: services.log,
    streams: createSlots(STREAMS_PER_PERSON),
    seat(person, network) {
      if (!people.take(person.id)) return false;
      networks.release(network);
      return true;
    },
  };
  server.on('upgrade', (request, socket, head) => {
    const [path, search] = request.url?.split('?', 2) ?? [];
    if (path !== PATH) return refuse(socket, '404 Not Found');
    const sendsConnectionParams = new URLSearchParams(search).get('connectionParams') === '1';
    const shows = sendsConnectionParams || explicitCredential(request.headers) !== null;
    if (isForeign(ingress, request) && !shows) return refuse(socket, '403 Forbidden');
    const network = networkOf(ingress.findClientAddress(request), 64);
    if (networks.isFull(network)) return refuse(socket, '429 Too Many Requests');
    const entry = { knock: authenticateSocket(deps, request), sendsConnectionParams, network };
    wss.handleUpgrade(request, socket, head, (client) => admit(client, entry));
  });
  // On its own: what a listener stands in it keeps, and a request is much to keep for as long as its socket lives.
  function admit(client: WebSocket, entry: Entry) {
    client.on('error', (error) => services.log.debug({ err: error }, 'a WebSocket ended badly'));
    networks.take(entry.network);
    const socket = new TrpcSocket(client, entry, host);
    sockets.set(client, socket);
    client.once('close', () => {
      sockets.delete(client);
      if (socket.person) people.release(socket.person.id);
      else networks.release(entry.network);
    });
  }
  const timer = setInterval(() => {
    for (const [client, { lastSeenAt, isLate }] of sockets) {
      const silentMs = Date.now() - lastSeenAt;
      if (silentMs > keepAlive.endAfterMs || isLate) client.terminate();
      else if (silentMs > keepAlive.pingAfterMs) client.send('PING');
    }
  }, keepAlive.everyMs);
  const watch = watchAccess(sockets, services);
  return {
    close() {
      clearInterval(timer);
      watch.close();
      for (const client of sockets.keys()) requestReconnect(client, 1012);
      wss.close();
    },
  };
}

function refuse(socket: Duplex, status: string) {
  socket.on('error', () => {});
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
