import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Services } from '@it0/api/context';
import { appRouter } from '@it0/api/router';
import { limits } from '@it0/contracts/limits';
import { applyWSSHandler } from '@trpc/server/adapters/ws';
import { WebSocketServer } from 'ws';
import { contextOf, isForeign } from './identity.ts';
import { letGoWhenSlow } from './slow-reader.ts';

const PATH = '/ws/agent';

/** Answers the router on the WebSocket. `close` tells the clients to come back, and then lets them go. */
export function serveWebSocket(server: Server, services: Services) {
  const wss = new WebSocketServer({ noServer: true, maxPayload: limits.requestBytes });
  const handler = applyWSSHandler({
    wss,
    router: appRouter,
    createContext: ({ req }) => contextOf(services, req),
    // A link that is open on one side only is known as such within ten seconds.
    keepAlive: { enabled: true, pingMs: 6_000, pongWaitMs: 3_000 },
    onError: ({ error, path }) => {
      if (error.code === 'INTERNAL_SERVER_ERROR') services.log.error({ err: error, path }, 'a procedure failed');
    },
  });
  server.on('upgrade', (request, socket, head) => {
    if (request.url?.split('?', 1)[0] !== PATH) return refuse(socket, '404 Not Found');
    if (isForeign(request)) return refuse(socket, '403 Forbidden');
    wss.handleUpgrade(request, socket, head, (client) => {
      client.on('error', (error) => services.log.debug({ err: error }, 'a WebSocket ended badly'));
      letGoWhenSlow(client);
      wss.emit('connection', client, request);
    });
  });
  return {
    close() {
      handler.broadcastReconnectNotification();
      for (const client of wss.clients) client.close(1012);
      wss.close();
    },
  };
}

function refuse(socket: Duplex, status: string) {
  socket.on('error', () => {});
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
