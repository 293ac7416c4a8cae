import { once } from 'node:events';
import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { HANG_LIMIT_MS } from '@it0/tests/support/hang-limit';
import { expect, test } from 'vitest';
import { createSelfSignedCertificate } from './self-signed-certificate.ts';
import { createSharedSecretOptions, requestWithSharedSecret } from './shared-secret-tls.ts';

const secret = 'the secret of both';
const { key, certificate: cert } = createSelfSignedCertificate();

/** Sends a message to a server, and returns the answer with all requests and bytes that the server could read. */
async function sendTo(server: Server) {
  const read: string[] = [];
  server.on('request', async (request, response) => {
    read.push(`${request.method} ${request.url} ${request.headers.authorization} ${await text(request)}`);
    response.end('the answer');
  });
  server.on('connection', (socket) => socket.on('data', (bytes: Buffer) => read.push(bytes.toString('latin1'))));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = new URL(`psk://127.0.0.1:${(server.address() as AddressInfo).port}/task?now`);
  const headers = { authorization: `Bearer ${secret}` };
  const signal = AbortSignal.timeout(HANG_LIMIT_MS);
  try {
    const request = { url, secret, method: 'POST', headers, body: 'the message', signal };
    return { answer: await requestWithSharedSecret(request).catch(() => null), read };
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

test('requestWithSharedSecret sends a request to a server that has the secret', async () => {
  const { answer, read } = await sendTo(createServer(createSharedSecretOptions(secret)));
  expect(answer).toMatchObject({ status: 200, text: 'the answer' });
  expect(read).toContain(`POST /task?now Bearer ${secret} the message`);
});

test.for([
  ['without TLS', () => createHttpServer()],
  ['with another secret', () => createServer(createSharedSecretOptions('another secret'))],
  ['with a certificate', () => createServer({ key, cert })],
] as const)('requestWithSharedSecret sends nothing to a server %s', async ([, create]) => {
  const { answer, read } = await sendTo(create());
  expect(answer).toBeNull();
  expect(read.join()).not.toMatch(/the secret|the message|task/);
});
