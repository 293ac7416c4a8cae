import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Agent, request, type ServerOptions } from 'node:https';
import { text } from 'node:stream/consumers';

/**
 * TLS without certificates (RFC 4279): both sides prove that they have the secret before either sends anything else.
 * Only such a cipher is offered, so that no certificate can stand in for the secret.
 */
const transport = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2', ciphers: 'PSK-AES128-GCM-SHA256' } as const;

/** Derives the key, so that a secret that is also sent in a header is not the key itself. */
const deriveKey = (secret: string) => createHmac('sha256', secret).update('tls-psk').digest();

/** Returns the options of an HTTPS server that only clients with the secret can connect to. */
export function sharedSecretServer(secret: string): ServerOptions {
  const key = deriveKey(secret);
  return { ...transport, pskCallback: () => key };
}

export type SharedSecretRequest = {
  url: URL;
  secret: string;
  method: string;
  headers: Record<string, string>;
  body?: string;
  signal: AbortSignal;
};

/**
 * Sends a request to a server that proves that it has the secret. Throws before anything is sent to another one. Each
 * request has its own connection, since a shared one may have been opened with another secret.
 */
export async function requestWithSharedSecret({ url, secret, method, headers, body, signal }: SharedSecretRequest) {
  const psk = deriveKey(secret);
  const agent = new Agent({
    ...transport,
    keepAlive: false,
    pskCallback: () => ({ identity: 'it0', psk }),
    // There is no certificate: the key is the identity.
    checkServerIdentity: () => undefined,
  });
  const { hostname: host, port, pathname, search } = url;
  const sent = request({ host, port, path: pathname + search, method, headers, signal, agent });
  // An error before the response is thrown below, one after it by its text.
  sent.on('error', () => {});
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return { status: response.statusCode ?? 0, headers: response.headers, text: await text(response) };
}
