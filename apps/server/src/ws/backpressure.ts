import { WebSocket } from 'ws';

/** How many bytes may wait for one client, in its own buffers and ours aside. */
const BACKLOG = 8 * 1024 * 1024;
const CLOSING_MS = 1_000;
/** What a tRPC client takes as: come back, and go on where you were. */
const RECONNECT = JSON.stringify({ id: null, method: 'reconnect' });

/**
 * Sends a frame. A client that reads too slowly, or not at all, is told to come back and let go: the log has all it
 * misses, and this server's memory is not where to keep it.
 */
export function sendFrame(client: WebSocket, frame: string) {
  if (client.readyState !== WebSocket.OPEN) return;
  client.send(frame);
  if (client.bufferedAmount <= BACKLOG) return;
  requestReconnect(client, 1013);
  setTimeout(() => client.terminate(), CLOSING_MS).unref();
}

/** Closes a connection whose client is to come back. */
export function requestReconnect(client: WebSocket, code: number) {
  if (client.readyState === WebSocket.OPEN) client.send(RECONNECT);
  client.close(code);
}
