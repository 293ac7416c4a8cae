import { WebSocket } from 'ws';

/** Maximum number of buffered bytes per client, without the buffers of the operating system. */
const MAX_BACKLOG_BYTES = 8 * 1024 * 1024;
const CLOSING_MS = 1_000;
/** tRPC message that asks a client to reconnect and resume its subscriptions. */
const RECONNECT = JSON.stringify({ id: null, method: 'reconnect' });

/**
 * Sends a frame. A client that reads too slowly is asked to reconnect and is disconnected, so that its frames do not
 * fill the memory. It reads what it missed from the log.
 */
export function sendFrame(client: WebSocket, frame: string) {
  if (client.readyState !== WebSocket.OPEN) return;
  client.send(frame);
  if (client.bufferedAmount <= MAX_BACKLOG_BYTES) return;
  requestReconnect(client, 1013);
  terminateLater(client);
}

/** Disconnects a client that does not close its connection in time. */
export const terminateLater = (client: WebSocket) => void setTimeout(() => client.terminate(), CLOSING_MS).unref();

/** Closes a connection and asks its client to reconnect. */
export function requestReconnect(client: WebSocket, code: number) {
  if (client.readyState === WebSocket.OPEN) client.send(RECONNECT);
  client.close(code);
}
