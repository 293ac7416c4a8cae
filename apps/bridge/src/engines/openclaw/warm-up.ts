import { randomUUID } from 'node:crypto';
import { createToken } from '@it0/node/token';
import type { CredentialProxy } from '../credential-proxy.ts';
import type { Connection } from './connection.ts';
import { type GatewayEvent, normalizeSessionKey } from './gateway-event.ts';

/** The time after which the gateway is used although its warm-up has not ended. */
const WARM_UP_MS = 60_000;

export type WarmUpOptions = {
  proxy: Pick<CredentialProxy, 'answerRequestsWith'>;
  /** Subscribes to the events of a session, and returns the function that unsubscribes. */
  listen(session: string, handleEvent: (event: GatewayEvent | undefined) => void): () => void;
};

/** The session of all warm-ups. It stays: after a deletion, a gateway stops threads that the next message needs. */
const SESSION_KEY = 'it0:warm-up';

/** The time after which a gateway is used again. It ends threads of the history after 30 minutes without use. */
export const KEEP_WARM_MS = 20 * 60_000;

/** Reads the history of the warm-up, so that a message after a long pause does not wait for a thread to start. */
export const keepWarm = (connection: Connection) =>
  connection.request('chat.history', { sessionKey: SESSION_KEY, limit: 1 });

/**
 * Sends a message in a session of its own, since a gateway loads many of its modules at the first message: up to 20
 * seconds that a person would wait. The request to the model contains a token by which the proxy answers it itself, at
 * no cost.
 */
export async function warmUp(connection: Connection, { proxy, listen }: WarmUpOptions) {
  const token = createToken();
  using _answering = proxy.answerRequestsWith(token);
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  const stopListening = listen(normalizeSessionKey(SESSION_KEY), (event) => {
    if (!event || (event.event === 'chat' && event.state !== 'delta')) resolve();
  });
  const limit = setTimeout(resolve, WARM_UP_MS);
  try {
    await connection.request('chat.send', { sessionKey: SESSION_KEY, message: token, idempotencyKey: randomUUID() });
    await ended;
  } finally {
    clearTimeout(limit);
    stopListening();
  }
}
