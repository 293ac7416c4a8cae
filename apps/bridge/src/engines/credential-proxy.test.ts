import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { INTERNET, parseReach } from '@it0/node/reach';
import { expect, test } from 'vitest';
import { startCredentialProxy } from './credential-proxy.ts';

const API_KEY = 'the key of a model';

/** Starts a model server with the given handler, and records its requests. */
async function newModel(respond: (req: IncomingMessage, res: ServerResponse) => void) {
  const requests: { url: string; headers: IncomingMessage['headers']; body: string }[] = [];
  const server = createServer(async (req, res) => {
    requests.push({ url: req.url!, headers: req.headers, body: await text(req) });
    respond(req, res);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return { requests, port, baseUrl: `http://127.0.0.1:${port}/v1`, [Symbol.dispose]: () => void server.close() };
}

const post = (url: string, token: string, path = '/chat/completions', body = '{"a":1}') =>
  fetch(`${url}${path}`, { method: 'POST', headers: { authorization: `Bearer ${token}` }, body });

test('requests that contain a given text are answered without the model, and others reach it', async () => {
  using model = await newModel((_, res) => res.end('data: 1\n\n'));
  using proxy = await startCredentialProxy({ baseUrl: model.baseUrl, apiKey: API_KEY, api: 'openai' });
  const send = async (text: string, path = '/messages') =>
    (await post(proxy.url, proxy.token, path, JSON.stringify({ text }))).text();
  const answering = proxy.answerRequestsWith('warm-up');
  for (const path of ['/messages', '/responses', '/chat/completions'])
    expect(await send('a warm-up', path)).toContain('"OK"');
  expect(await send('Hello')).toBe('data: 1\n\n');
  answering[Symbol.dispose]();
  expect(await send('a warm-up')).toBe('data: 1\n\n');
  expect(model.requests.map(({ body }) => body)).toEqual(['{"text":"Hello"}', '{"text":"a warm-up"}']);
});

test('startCredentialProxy adds the key to a request that carries its token, and refuses any other token or path', async () => {
  using model = await newModel((_, res) => res.end('data: 1\n\n'));
  using proxy = await startCredentialProxy({ baseUrl: model.baseUrl, apiKey: API_KEY, api: 'openai' });
  const response = await post(proxy.url, proxy.token);
  expect([response.status, await response.text()]).toEqual([200, 'data: 1\n\n']);
  expect(model.requests).toMatchObject([
    { url: '/v1/chat/completions', headers: { authorization: `Bearer ${API_KEY}` }, body: '{"a":1}' },
  ]);
  for (const token of ['another', '', 'é'.repeat(proxy.token.length), `${proxy.token}x`])
    expect((await post(proxy.url, token)).status).toBe(403);
  expect((await post(proxy.url, proxy.token, '/../admin')).status).toBe(403);
  expect(model.requests).toHaveLength(1);
});

test('startCredentialProxy does not follow a redirect, so the key goes to no other host', async () => {
  using redirectTarget = await newModel((_, res) => res.end());
  using model = await newModel((_, res) => res.writeHead(307, { location: `${redirectTarget.baseUrl}/x` }).end());
  using proxy = await startCredentialProxy({ baseUrl: model.baseUrl, apiKey: API_KEY, api: 'anthropic' });
  await expect(post(proxy.url, proxy.token)).rejects.toThrow();
  expect(redirectTarget.requests).toEqual([]);
});

test.for(['127.0.0.1', 'localhost'])(
  'startCredentialProxy reaches a model at %s only when its reach allows that',
  async (host) => {
    using model = await newModel((_, res) => res.end('ok'));
    const options = { baseUrl: `http://${host}:${model.port}/v1`, apiKey: API_KEY, api: 'openai' } as const;
    using refused = await startCredentialProxy({ ...options, reach: parseReach([INTERNET]) });
    await expect(post(refused.url, refused.token)).rejects.toThrow();
    expect(model.requests).toEqual([]);
    using allowed = await startCredentialProxy({ ...options, reach: parseReach([INTERNET, `${host}:${model.port}`]) });
    expect((await post(allowed.url, allowed.token)).status).toBe(200);
  },
);
