import type { AppRouter } from '@it0/api/router';
import { createTRPCClient, createWSClient, wsLink } from '@trpc/client';
import { WebSocket } from 'ws';
import type { Credentials } from './app.ts';

/** Creates a client that sends everything over one WebSocket, with the credentials of its first message. */
export function socketClient(url: string, { bearer, apiKey }: Credentials) {
  const ws = createWSClient({
    url: `${url.replace('http', 'ws')}/ws/agent`,
    WebSocket: WebSocket as unknown as typeof globalThis.WebSocket,
    connectionParams: { token: bearer, apiKey },
    // No reconnect, so that every response comes from the first socket.
    retryDelayMs: () => 3_600_000,
  });
  const client = createTRPCClient<AppRouter>({ links: [wsLink({ client: ws })] });
  return { client, [Symbol.asyncDispose]: () => ws.close() };
}
