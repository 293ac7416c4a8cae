import { randomUUID } from 'node:crypto';
import dns from 'node:dns';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import type { AddressInfo } from 'node:net';
import { testApp } from '@it0/tests/support/app';
import { getRefusal } from '@it0/tests/support/refusal';
import { expect, test } from 'vitest';

const availableMemory = async () => 64e9;
const modelAt = (baseUrl: string) => ({ provider: 'openai-compatible', name: 'm', baseUrl, key: 'k' }) as const;

/** Starts a service on loopback that records its requests. */
async function startService(status = 200, headers: Record<string, string> = {}) {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    response.writeHead(status, headers).end('{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    ...{ requests, port, url: `http://127.0.0.1:${port}` },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test('the server sends no request to a model address outside MODEL_ALLOW, and refuses to set or test it', async () => {
  await using app = await testApp({ availableMemory });
  await using local = await startService();
  const { instance } = app.client(await app.newUser());
  const { id: instanceId } = await instance.create.mutate({ requestId: randomUUID(), name: 'x' });
  const hosts = [
    ...[`127.0.0.1:${local.port}`, `localhost:${local.port}`, `0x7f000001:${local.port}`, `2130706433:${local.port}`],
    ...[`127.1:${local.port}`, `[::ffff:127.0.0.1]:${local.port}`, `[::1]:${local.port}`, '0.0.0.0', '169.254.169.254'],
    ...['[fd00:ec2::254]', '10.0.0.1', '192.168.0.1', 'metadata.google.internal', 'postgres', '8.8.8.8:25'],
  ];
  for (const host of hosts) {
    const model = modelAt(`http://${host}/v1`);
    const refusals = [
      await getRefusal(instance.testModel.mutate({ instanceId, model })),
      await getRefusal(instance.setModel.mutate({ instanceId, model })),
      await getRefusal(instance.create.mutate({ requestId: randomUUID(), name: 'y', model })),
    ];
    for (const { data, message } of refusals) {
      expect([host, data.reason]).toEqual([host, 'MODEL_ADDRESS_REFUSED']);
      expect(message).toContain('MODEL_ALLOW');
    }
  }
  expect(local.requests).toEqual([]);
});

test('a model address with a user, a query, a fragment or another scheme is refused', async () => {
  await using app = await testApp({ availableMemory, modelAllow: ['127.0.0.1'] });
  const { instance } = app.client(await app.newUser());
  const { id: instanceId } = await instance.create.mutate({ requestId: randomUUID(), name: 'x' });
  for (const baseUrl of [
    ...[
      'http://127.0.0.1/x?y=',
      'http://127.0.0.1/x#',
      'http://127.0.0.1/#/x',
      'http://u@127.0.0.1',
      'http://u:p@127.0.0.1',
    ],
    ...['ftp://127.0.0.1', 'file:///etc/passwd', 'javascript:1', '//127.0.0.1'],
  ]) {
    const refused = await getRefusal(instance.testModel.mutate({ instanceId, model: modelAt(baseUrl) }));
    expect([baseUrl, refused.data.reason]).toEqual([baseUrl, 'INVALID_INPUT']);
  }
});

test('testModel calls a local model that MODEL_ALLOW names, and follows no redirect', async () => {
  await using local = await startService();
  await using target = await startService();
  await using redirecting = await startService(307, { location: `${target.url}/secret` });
  const modelAllow = ['internet', `localhost:${local.port}`, `127.0.0.1:${redirecting.port}`];
  await using app = await testApp({ availableMemory, modelAllow });
  const { instance } = app.client(await app.newUser());
  const { id: instanceId } = await instance.create.mutate({ requestId: randomUUID(), name: 'x' });
  const test = (baseUrl: string) => instance.testModel.mutate({ instanceId, model: modelAt(baseUrl) });
  expect(await test(`http://localhost:${local.port}/v1/`)).toEqual({ reason: null, status: 200 });
  expect(local.requests).toEqual(['POST /v1/chat/completions']);
  await instance.setModel.mutate({ instanceId, model: modelAt(`http://localhost:${local.port}/v1`) });
  expect(await test(redirecting.url)).toEqual({ reason: 'MODEL_UNAVAILABLE', status: 307 });
  expect(target.requests).toEqual([]);
});

test('testModel returns MODEL_UNAVAILABLE for a host name that does not resolve', async () => {
  await using local = await startService();
  await using app = await testApp({ availableMemory });
  const { instance } = app.client(await app.newUser());
  const { id: instanceId } = await instance.create.mutate({ requestId: randomUUID(), name: 'x' });
  const none = await instance.testModel.mutate({ instanceId, model: modelAt('http://nothing.invalid/v1') });
  expect(none).toEqual({ reason: 'MODEL_UNAVAILABLE', status: null });
  expect(local.requests).toEqual([]);
});

test('setModel accepts any address for a remote agent, but testModel refuses one outside MODEL_ALLOW', async () => {
  await using app = await testApp({ availableMemory });
  const { instance } = app.client(await app.newUser());
  const model = modelAt('http://localhost:11434/v1');
  const { id: instanceId } = await instance.create.mutate({
    ...{ requestId: randomUUID(), name: 'x', driver: 'remote', model },
  });
  await instance.setModel.mutate({ instanceId, model });
  expect(await getRefusal(instance.testModel.mutate({ instanceId }))).toMatchObject({
    data: { reason: 'MODEL_ADDRESS_REFUSED' },
  });
});

/** Resolves names below `rebind.example` to the addresses in them, as a hostile DNS server could. */
function resolveHostileNames() {
  const { lookup } = dns;
  const responses = (
    name: string,
    _options: dns.LookupAllOptions,
    callback: (error: null, addresses: dns.LookupAddress[]) => void,
  ) => {
    const addresses = name
      .replace('.rebind.example', '')
      .split('.')
      .map((label) => label.replaceAll('-', '.'));
    callback(
      null,
      addresses.map((text) => ({ address: text.replaceAll('_', ':'), family: text.includes('_') ? 6 : 4 })),
    );
  };
  dns.lookup = ((name: string, options: dns.LookupAllOptions, callback: never) =>
    (name.endsWith('.rebind.example') ? responses : lookup)(name, options, callback)) as typeof lookup;
  syncBuiltinESMExports();
  return {
    [Symbol.dispose]() {
      dns.lookup = lookup;
      syncBuiltinESMExports();
    },
  };
}

test('testModel sends nothing to a name of which any address is outside MODEL_ALLOW', async () => {
  using _names = resolveHostileNames();
  await using local = await startService();
  const allowedHost = `127-0-0-1.rebind.example:${local.port}`;
  await using app = await testApp({ availableMemory, modelAllow: ['internet', allowedHost] });
  const { instance } = app.client(await app.newUser());
  const { id: instanceId } = await instance.create.mutate({ requestId: randomUUID(), name: 'x' });
  const test = (host: string) => instance.testModel.mutate({ instanceId, model: modelAt(`http://${host}/v1`) });
  for (const addresses of ['127-0-0-1.8-8-8-8', '8-8-8-8.127-0-0-1', '__1', '__ffff_7f00_1', '169-254-169-254']) {
    const host = `${addresses}.rebind.example:${local.port}`;
    expect([host, await test(host)]).toEqual([host, { reason: 'MODEL_UNAVAILABLE', status: null }]);
  }
  expect(local.requests).toEqual([]);
  // The name itself is allowed, and the connection goes to its resolved address.
  expect(await test(allowedHost)).toEqual({ reason: null, status: 200 });
});
