import { randomUUID } from 'node:crypto';
import { KeyScope } from '@it0/contracts/permissions';
import { createFixture } from '@it0/tests/support/fixture';
import { createForm } from '@it0/tests/support/upload';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';

const foreign = ['http://localhost:6274', 'null', 'https://app.example', 'capacitor://localhost', 'file://', 'x'];

type Headers = Record<string, string>;

async function createWorldWithKey() {
  const world = await createFixture();
  const { key } = await world.client.apiKey.create.mutate({ name: 'page', scopes: [...KeyScope.options], days: 1 });
  const json = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
  const path = `/agent/instances/${world.instance.id}`;
  const requests: Record<string, (headers: Headers) => Promise<Response>> = {
    mcp: (headers) => {
      const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' });
      return fetch(`${world.app.url}/mcp`, { method: 'POST', headers: { ...json, ...headers }, body });
    },
    list: (headers) => fetch(`${world.app.url}/api/v1/agent/instances`, { headers }),
    send: (headers) => {
      const body = JSON.stringify({ message: 'hello', requestId: randomUUID() });
      return fetch(`${world.app.url}/api/v1${path}/tasks`, { method: 'POST', headers: { ...json, ...headers }, body });
    },
    upload: (headers) =>
      fetch(`${world.app.url}/api/v1/agent/attachments`, { method: 'POST', headers, body: createForm('a.txt', 'a') }),
    query: (headers) => fetch(`${world.app.url}/trpc/instance.list`, { headers }),
  };
  return { world, key, requests, [Symbol.asyncDispose]: () => world[Symbol.asyncDispose]() };
}

test('a request with a key or token is accepted from every origin, and one with only a cookie from the own origin', async () => {
  await using fixture = await createWorldWithKey();
  const { key, requests } = fixture;
  const { app, user } = fixture.world;
  const { cookie, bearer } = user;
  const credentials: Headers[] = [
    { authorization: `Bearer ${key}` },
    { authorization: `bearer ${bearer}` },
    { 'x-api-key': key },
    { 'x-api-key': key, cookie },
  ];
  const cookies: Headers[] = [{ cookie }, { cookie, authorization: 'Basic YTpi' }];
  const wrong: Headers[] = [{ 'x-api-key': 'it0_none' }, { authorization: 'Bearer it0_none' }];
  for (const [name, ask] of Object.entries(requests)) {
    const statuses = (all: Headers[]) =>
      Promise.all(foreign.flatMap((origin) => all.map(async (headers) => (await ask({ ...headers, origin })).status)));
    expect([name, new Set(await statuses(credentials))]).toEqual([name, new Set([200])]);
    expect([name, new Set(await statuses(cookies))]).toEqual([name, new Set([name === 'mcp' ? 401 : 403])]);
    // A cookie does not make up for a wrong key.
    for (const headers of wrong) {
      expect([name, (await ask({ ...headers, cookie, origin: app.url })).status]).toEqual([name, 401]);
    }
    const sameOrigin = await ask({ cookie, origin: app.url.toUpperCase() });
    expect([name, sameOrigin.status]).toEqual([name, name === 'mcp' ? 401 : 200]);
  }
});

test('a preflight returns 204 with the requested headers on routes for API keys, and never allows credentials', async () => {
  await using fixture = await createWorldWithKey();
  const { app, instance } = fixture.world;
  const paths = [
    '/mcp',
    '/api/v1/agent/instances',
    `/api/v1/agent/instances/${instance.id}`,
    '/api/v1/agent/attachments',
  ];
  for (const path of paths) {
    for (const origin of foreign) {
      const preflight = {
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'x-api-key,content-type',
      };
      const { status, headers } = await fetch(app.url + path, { method: 'OPTIONS', headers: { origin, ...preflight } });
      expect([path, status]).toEqual([path, 204]);
      expect(headers.get('access-control-allow-origin')).toBe('*');
      expect(headers.get('access-control-allow-methods')).toContain('POST');
      expect(headers.get('access-control-allow-headers')).toBe('x-api-key,content-type');
      expect(headers.get('access-control-allow-credentials')).toBeNull();
    }
  }
  const response = await fixture.requests.list!({ 'x-api-key': fixture.key, origin: 'https://app.example' });
  expect(response.headers.get('access-control-allow-origin')).toBe('*');
  expect(response.headers.get('access-control-allow-credentials')).toBeNull();
  // Without the preflight headers, OPTIONS is an unsupported method.
  expect((await fetch(`${app.url}/api/v1/agent/instances`, { method: 'OPTIONS' })).status).toBe(405);
  // The page's own route allows no other origin.
  const page = await fetch(`${app.url}/trpc/instance.list`, { method: 'OPTIONS', headers: { origin: foreign[0]! } });
  expect(page.headers.get('access-control-allow-origin')).toBeNull();
});

test('a WebSocket from another origin accepts a key in its first message, and ignores its cookie', async () => {
  await using fixture = await createWorldWithKey();
  const { app, user } = fixture.world;
  const url = `${app.url.replace('http', 'ws')}/ws/agent`;
  const headers = { cookie: user.cookie, origin: 'https://app.example' };
  const connectWith = async (data: object | null) => {
    const socket = new WebSocket(`${url}?connectionParams=1`, { headers });
    const frames: string[] = [];
    socket.on('open', () => {
      socket.send(JSON.stringify({ method: 'connectionParams', data }));
      socket.send(JSON.stringify({ id: 1, method: 'query', params: { path: 'auth.me' } }));
    });
    await new Promise((resolve, reject) => {
      socket.on('error', reject);
      socket.on('message', (frame) => frames.push(String(frame)) && resolve(null));
    });
    socket.terminate();
    return frames[0];
  };
  expect(await connectWith({ apiKey: fixture.key })).toContain('"by":"apiKey"');
  expect(await connectWith({ token: user.bearer })).toContain('"by":"login"');
  for (const data of [null, {}, { apiKey: 'it0_none' }]) expect(await connectWith(data)).toContain('NOT_SIGNED_IN');
  const refused = await new Promise((resolve) => {
    const socket = new WebSocket(url, { headers });
    socket.on('unexpected-response', (_request, response) => resolve(response.statusCode));
    socket.on('open', () => resolve('opened'));
  });
  expect(refused).toBe(403);
});
