import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { expect, test, vi } from 'vitest';
import { createFastFailWebSocket } from './fast-fail-web-socket.ts';

const toAcceptKey = (key: string) =>
  createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');

/** Starts a server that accepts WebSockets and never answers, as on a link that is dead in one direction. */
async function startSilentServer() {
  const sockets = new Set<Socket>();
  const server = createServer().on('upgrade', (request, socket) => {
    sockets.add(socket as Socket);
    const key = toAcceptKey(request.headers['sec-websocket-key'] ?? '');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${key}\r\n\r\n`,
    );
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sockets,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await once(server.close(), 'close');
    },
  };
}

/** Records the types of the events of a socket. */
function recordEvents(socket: WebSocket) {
  const events: string[] = [];
  for (const name of ['open', 'message', 'error', 'close']) socket.addEventListener(name, () => events.push(name));
  return events;
}

const FRAMES = { text: Buffer.from([0x81, 2, 0x68, 0x69]), close: Buffer.from([0x88, 0]) };

test('the WebSocket of createFastFailWebSocket ends with its close, without the answer of the server', async () => {
  await using server = await startSilentServer();
  const FastFailWebSocket = createFastFailWebSocket(WebSocket);
  const socket = new FastFailWebSocket(server.url);
  const events = recordEvents(socket);
  await once(socket, 'open');
  socket.close();
  expect(events).toEqual(['open', 'close']);

  // What arrives later is ignored.
  const [connection] = server.sockets;
  const isGone = once(connection!, 'close');
  connection!.resume().end(Buffer.concat([FRAMES.text, FRAMES.close]));
  await isGone;
  expect(events).toEqual(['open', 'close']);
});

test('the WebSocket of createFastFailWebSocket has an error and an end when it is closed before it has opened', async () => {
  await using server = await startSilentServer();
  const FastFailWebSocket = createFastFailWebSocket(WebSocket);
  const socket = new FastFailWebSocket(server.url);
  const events = recordEvents(socket);
  socket.close();
  expect(events).toEqual(['error', 'close']);
});

test('the WebSocket of createFastFailWebSocket fails after a timeout when the server does not respond', async () => {
  const server = createTcpServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const FastFailWebSocket = createFastFailWebSocket(WebSocket);
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  const socket = new FastFailWebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const failed = once(socket, 'error');
  vi.advanceTimersByTime(5_000);
  vi.useRealTimers();
  const [event] = (await failed) as [Event];
  expect(event.type).toBe('error');
  server.close();
});
