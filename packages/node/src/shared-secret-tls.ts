import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Agent, request, type ServerOptions } from 'node:https';
import { text } from 'node:stream/consumers';

/**
 * TLS with a pre-shared key in place of certificates (RFC 4279): both sides prove that they have the secret before
 * either sends anything else. No other cipher is offered, so that a certificate cannot replace the secret.
 */
const TLS_OPTIONS = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2', ciphers: 'PSK-AES128-GCM-SHA256' } as const;

/** Derives the key, so that a secret that is also sent in a header is not the key itself. */
const deriveKey = (secret: string) => createHmac('sha256', secret).update('tls-psk').digest();

/** Returns the options of an HTTPS server that only clients with the secret can connect to. */
export function createSharedSecretOptions(secret: string): ServerOptions {
  const key = deriveKey(secret);
  return { ...TLS_OPTIONS, pskCallback: () => key };
}

/** Options of `requestWithSharedSecret`. */
export type SharedSecretRequest = {
  url: URL;
  secret: string;
  method: string;
  headers: Record<string, string>;
  body?: string;
  signal: AbortSignal;
};

/**
 * Sends a request to a server that proves that it has the secret. Throws before anything is sent to any other server.
 * Each request has its own connection, since a shared one may have been opened with another secret.
 */
export async function requestWithSharedSecret({ url, secret, method, headers, body, signal }: SharedSecretRequest) {
  const psk = deriveKey(secret);
  const agent = new Agent({
    ...TLS_OPTIONS,
    keepAlive: false,
    pskCallback: () => ({ identity: 'it0', psk }),
    // There is no certificate: the key is the identity.
    checkServerIdentity: () => undefined,
  });
  const { hostname: host, port, pathname, search } = url;
  const outgoing = request({ host, port, path: pathname + search, method, headers, signal, agent });
  // `once` throws errors before the response, and `text` those after it.
  outgoing.on('error', () => {});
  outgoing.end(body);
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  return { status: response.statusCode ?? 0, headers: response.headers, text: await text(response) };
}
