import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { parseReach } from './reach.ts';

const permits = (entries: string[], url: string) => parseReach(entries).permits(new URL(url));

test.each([
  'https://api.openai.com/v1',
  'https://models.example.com:8443/v1/',
  'http://8.8.8.8:8080',
  'http://[2606:4700::1111]/',
])('internet permits %s', (url) => expect(permits(['internet'], url)).toBe(true));

test.each([
  ...['http://127.0.0.1', 'http://0x7f000001', 'http://2130706433', 'http://127.1', 'http://0177.0.0.1', 'http://0'],
  ...[
    'http://169.254.169.254',
    'http://10.0.0.1',
    'http://[::1]',
    'http://[::ffff:127.0.0.1]',
    'http://[::ffff:a9fe:a9fe]',
  ],
  ...[
    'http://[64:ff9b::7f00:1]',
    'http://[fd00:ec2::254]',
    'http://localhost',
    'http://LOCALHOST.',
    'http://x.localhost',
  ],
  ...[
    'http://metadata.google.internal',
    'http://printer',
    'http://printer.local',
    'http://１２７.0.0.1',
    'http://8.8.8.8:22',
  ],
  ...[
    'http://user@example.com',
    'http://user:pass@example.com',
    'http://example.com/?x=1',
    'http://example.com/#x',
    'http://example.com/?',
    'http://example.com/#',
  ],
  ...['ftp://example.com', 'file:///etc/passwd'],
])('internet does not permit %s', (url) => expect(permits(['internet'], url)).toBe(false));

test.each([
  ['localhost:8080', 'http://localhost:8080/v1', true],
  ['localhost:8080', 'http://localhost:8081/v1', false],
  ['localhost:8080', 'http://127.0.0.1:8080/v1', false],
  ['127.0.0.1:8080', 'http://127.0.0.1:8080/v1', true],
  ['127.0.0.1', 'http://[::ffff:127.0.0.1]/', true],
  ['10.0.0.0/8', 'http://10.1.2.3:1', true],
  ['localhost', 'http://user@localhost', false],
  ['localhost', 'http://8.8.8.8', false],
])('the entry %s and %s: %s', (entry, url, expected) => expect(permits([entry], url)).toBe(expected));

test.each(['', 'http://x', 'a b', '10.0.0.0/99'])('parseReach throws for the entry “%s”', (entry) =>
  expect(() => parseReach([entry])).toThrow(),
);

/** Connects by name. Returns the status of the response, or the name of the error. */
async function send(entries: string[], port: number): Promise<number | string> {
  const { promise, resolve } = Promise.withResolvers<number | string>();
  const url = new URL(`http://127.0.0.1.nip.example:${port}`);
  const reach = parseReach(entries);
  // Checked as a public name, but resolved to this machine.
  const { lookup } = reach.createRequestOptions(url);
  request(
    { hostname: 'localhost', port, lookup: (_name, options, callback) => lookup('localhost', options, callback) },
    (response) => resolve(response.statusCode!),
  )
    .on('error', ({ name }) => resolve(name))
    .end();
  return promise;
}

test('createRequestOptions throws for a URL that permits refuses', () => {
  for (const url of ['http://127.0.0.1:1', 'http://localhost', 'http://user@8.8.8.8']) {
    expect(() => parseReach(['internet']).createRequestOptions(new URL(url))).toThrow('may not be reached');
  }
});

test('lookup refuses a name with local addresses before connecting, unless the name or the addresses are listed', async () => {
  let requestCount = 0;
  const server = createServer((_request, response) => {
    requestCount++;
    response.writeHead(204).end();
  }).listen(0, 'localhost');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  expect(await send(['internet'], port)).toBe('NotPermittedError');
  expect(await send(['internet', `*.nip.example:${port + 1}`], port)).toBe('NotPermittedError');
  expect(requestCount).toBe(0);
  expect(await send([`*.nip.example:${port}`], port)).toBe(204);
  expect(await send([`127.0.0.0/8:${port}`, `[::1]:${port}`], port)).toBe(204);
  server.close();
});
