import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { limits } from '@it0/contracts/limits';
import { type WebSocket, WebSocketServer } from 'ws';
import { watchAccess } from './access-watch.ts';
import { isForeign, type Known, toldBy } from './identity.ts';
import { knockOn } from './knock.ts';
import { askBack } from './slow-reader.ts';
import { type Entry, TrpcSocket } from './trpc-socket.ts';

const PATH = '/ws/agent';

/** A link that is open on one side only is known as such within ten seconds. */
const keepAlive = { everyMs: 1_000, pingAfterMs: 5_000, endAfterMs: 8_000 };

/** Answers the router on the WebSocket. `close` tells the clients to come back, and then lets them go. */
export function serveWebSocket(server: Server, known: Known) {
  const { services, front } = known;
  const wss = new WebSocketServer({ noServer: true, maxPayload: limits.requestBytes });
  const sockets = new Map<WebSocket, TrpcSocket>();
  server.on('upgrade', (request, socket, head) => {
    const [path, search] = request.url?.split('?', 2) ?? [];
    if (path !== PATH) return refuse(socket, '404 Not Found');
    const introduces = new URLSearchParams(search).get('connectionParams') === '1';
    const shows = introduces || toldBy(request.headers) !== null;
    if (isForeign(front, request) && !shows) return refuse(socket, '403 Forbidden');
    wss.handleUpgrade(request, socket, head, (client) => admit(client, { knock: knockOn(known, request), introduces }));
  });
  // On its own: what a listener stands in it keeps, and a request is much to keep for as long as its socket lives.
  function admit(client: WebSocket, entry: Entry) {
    client.on('error', (error) => services.log.debug({ err: error }, 'a WebSocket ended badly'));
    client.once('close', () => sockets.delete(client));
    sockets.set(client, new TrpcSocket(client, entry, services.log));
  }
  const timer = setInterval(() => {
    for (const [client, { heardAt }] of sockets) {
      const silentMs = Date.now() - heardAt;
      if (silentMs > keepAlive.endAfterMs) client.terminate();
      else if (silentMs > keepAlive.pingAfterMs) client.send('PING');
    }
  }, keepAlive.everyMs);
  const watch = watchAccess(sockets, services);
  return {
    close() {
      clearInterval(timer);
      watch.close();
      for (const client of sockets.keys()) askBack(client, 1012);
      wss.close();
    },
  };
}

function refuse(socket: Duplex, status: string) {
  socket.on('error', () => {});
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
