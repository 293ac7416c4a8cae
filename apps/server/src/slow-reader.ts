import type { WebSocket } from 'ws';

/** How many bytes may wait for one client, in its own buffers and ours aside. */
const BACKLOG = 8 * 1024 * 1024;
const CLOSING_MS = 1_000;
/** What a tRPC client takes as: come back, and go on where you were. */
const RECONNECT = JSON.stringify({ id: null, method: 'reconnect' });

/**
 * A client that reads too slowly, or not at all, is told to come back and let go: the log has all it misses, and this
 * server's memory is not where to keep it.
 */
export function letGoWhenSlow(client: WebSocket) {
  const send = client.send.bind(client) as (...args: unknown[]) => void;
  let late = false;
  client.send = (...args: unknown[]) => {
    if (late) return;
    send(...args);
    late = client.bufferedAmount > BACKLOG;
    if (!late) return;
    send(RECONNECT);
    client.close(1013);
    setTimeout(() => client.terminate(), CLOSING_MS).unref();
  };
}
