import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { INTERNET, parseReach } from '@it0/node/reach';
import { expect, test } from 'vitest';
import { startCredentialProxy } from './credential-proxy.ts';

const apiKey = 'the key of a model';

/** Starts a model server with the given handler, and records its requests. */
async function newModel(answer: (req: IncomingMessage, res: ServerResponse) => void) {
  const requests: { url: string; headers: IncomingMessage['headers']; body: string }[] = [];
  const server = createServer(async (req, res) => {
    requests.push({ url: req.url!, headers: req.headers, body: await text(req) });
    answer(req, res);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return { requests, port, baseUrl: `http://127.0.0.1:${port}/v1`, [Symbol.dispose]: () => void server.close() };
}

const post = (url: string, token: string, path = '/chat/completions') =>
  fetch(`${url}${path}`, { method: 'POST', headers: { authorization: `Bearer ${token}` }, body: '{"a":1}' });

test('startCredentialProxy adds the key to a request that carries its token, and refuses any other token or path', async () => {
  using model = await newModel((_, res) => res.end('data: 1\n\n'));
  const keeper = await startCredentialProxy({ baseUrl: model.baseUrl, apiKey, api: 'openai' });
  const answer = await post(keeper.url, keeper.token);
  expect([answer.status, await answer.text()]).toEqual([200, 'data: 1\n\n']);
  expect(model.requests).toMatchObject([
    { url: '/v1/chat/completions', headers: { authorization: `Bearer ${apiKey}` }, body: '{"a":1}' },
  ]);
  for (const token of ['another', '', 'é'.repeat(keeper.token.length), `${keeper.token}x`])
    expect((await post(keeper.url, token)).status).toBe(403);
  expect((await post(keeper.url, keeper.token, '/../admin')).status).toBe(403);
  expect(model.requests).toHaveLength(1);
  keeper.close();
});

test('startCredentialProxy does not follow a redirect, so the key goes to no other host', async () => {
  using elsewhere = await newModel((_, res) => res.end());
  using model = await newModel((_, res) => res.writeHead(307, { location: `${elsewhere.baseUrl}/x` }).end());
  const keeper = await startCredentialProxy({ baseUrl: model.baseUrl, apiKey, api: 'anthropic' });
  await expect(post(keeper.url, keeper.token)).rejects.toThrow();
  expect(elsewhere.requests).toEqual([]);
  keeper.close();
});

test.for(['127.0.0.1', 'localhost'])(
  'startCredentialProxy reaches a model at %s only when its reach allows that',
  async (host) => {
    using model = await newModel((_, res) => res.end('ok'));
    const at = { baseUrl: `http://${host}:${model.port}/v1`, apiKey, api: 'openai' } as const;
    const refused = await startCredentialProxy({ ...at, reach: parseReach([INTERNET]) });
    await expect(post(refused.url, refused.token)).rejects.toThrow();
    expect(model.requests).toEqual([]);
    const allowed = await startCredentialProxy({ ...at, reach: parseReach([INTERNET, `${host}:${model.port}`]) });
    expect((await post(allowed.url, allowed.token)).status).toBe(200);
    for (const keeper of [refused, allowed]) keeper.close();
  },
);
