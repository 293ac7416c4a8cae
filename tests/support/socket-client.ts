import type { AppRouter } from '@it0/api/router';
import { createTRPCClient, createWSClient, wsLink } from '@trpc/client';
import { WebSocket } from 'ws';
import type { Who } from './app.ts';

/** A client that asks everything over one WebSocket, and stays on it as whoever it said it was. */
export function socketClient(url: string, { bearer, apiKey }: Who) {
  const ws = createWSClient({
    url: `${url.replace('http', 'ws')}/ws/agent`,
    WebSocket: WebSocket as unknown as typeof globalThis.WebSocket,
    connectionParams: { token: bearer, apiKey },
    // One that was sent away does not come back: what it gets is of this socket.
    retryDelayMs: () => 3_600_000,
  });
  const client = createTRPCClient<AppRouter>({ links: [wsLink({ client: ws })] });
  return { client, [Symbol.asyncDispose]: () => ws.close() };
}
