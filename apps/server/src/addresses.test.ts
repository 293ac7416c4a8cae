import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { findLocalOrigin, toBrowserOrigin, toSignInUrl } from './addresses.ts';

test('toBrowserOrigin returns an address that a browser can open for every listen address', () => {
  const origins = {
    '127.0.0.1': 'http://localhost:4000',
    '0.0.0.0': 'http://localhost:4000',
    '0': 'http://localhost:4000',
    '::': 'http://localhost:4000',
    '::0': 'http://localhost:4000',
    '0:0:0:0:0:0:0:0': 'http://localhost:4000',
    localhost: 'http://localhost:4000',
    '127.0.0.2': 'http://127.0.0.2:4000',
    '::1': 'http://[::1]:4000',
    'fd00:0::2': 'http://[fd00::2]:4000',
    '192.0.2.2': 'http://192.0.2.2:4000',
    'it0.lan': 'http://it0.lan:4000',
  };
  for (const [host, origin] of Object.entries(origins)) expect(toBrowserOrigin({ host, port: 4000 })).toBe(origin);
});

test('toSignInUrl has one slash after the host when the public URL ends with one', () => {
  for (const publicUrl of ['https://ops.example.com', 'https://ops.example.com/']) {
    expect(toSignInUrl({ publicUrl, host: '::', port: 1 }, 'abc')).toBe('https://ops.example.com/sign-in/abc');
  }
});

test.for(['127.0.0.1', '0.0.0.0', '::1', '::', 'localhost', '127.0.0.2'])(
  'findLocalOrigin returns a reachable address when the server listens on %s',
  async (host) => {
    const server = createServer();
    await once(server.listen(0, host), 'listening');
    const origin = new URL(await findLocalOrigin(server.address() as AddressInfo));
    expect(['127.0.0.1', '127.0.0.2', '[::1]']).toContain(origin.hostname);
    server.close();
  },
);

test('findLocalOrigin throws when nothing listens at the address', async () => {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address() as AddressInfo;
  await once(server.close(), 'close');
  await expect(findLocalOrigin(address)).rejects.toThrow(/Set HOST/);
});
