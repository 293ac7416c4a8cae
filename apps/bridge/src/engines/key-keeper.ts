import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import type { Reach } from '@it0/node/reach';

export type KeyKeeper = { url: string; token: string; close(): void };
/** `baseUrl` is what a client of the model would be given; requests below the keeper's `url` go below it. */
export type KeyedModel = {
  baseUrl: string;
  apiKey: string;
  api: 'anthropic' | 'openai';
  /** Where the model may be; without it anywhere. */
  reach?: Reach;
};

const notPassed =
  /^(host|connection|content-length|content-encoding|transfer-encoding|accept-encoding|authorization|x-api-key)$/;
/** What a model is asked at. Nothing else is reached by way of a keeper. */
const paths = /^\/(v1\/)?(messages(\/count_tokens)?|chat\/completions|responses|models)(\?|$)/;

/**
 * Opens the way to the model on loopback, where the key is added: no process of an agent has it. They show a token that
 * is good for this way alone, and for as long as the bridge lives.
 */
export async function keepKey(model: KeyedModel): Promise<KeyKeeper> {
  const token = randomBytes(24).toString('base64url');
  const server = createServer((req, res) => {
    const shown = req.headers['x-api-key'] ?? req.headers.authorization?.replace(/^Bearer /, '');
    if (shown !== token || !paths.test(req.url ?? '')) return void res.writeHead(403).end();
    // To whoever asked, what cannot be passed on is a connection that broke.
    forward(model, req, res).catch(() => res.destroy());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function forward({ baseUrl, apiKey, api, reach }: KeyedModel, req: IncomingMessage, res: ServerResponse) {
  const gone = new AbortController();
  res.on('close', () => gone.abort());
  const passed = Object.entries(req.headers).filter(([name]) => !notPassed.test(name));
  const key = api === 'anthropic' ? { 'x-api-key': apiKey } : { authorization: `Bearer ${apiKey}` };
  const base = new URL(baseUrl);
  const send = base.protocol === 'https:' ? httpsRequest : httpRequest;
  const request = send(`${baseUrl.replace(/\/$/, '')}${req.url}`, {
    method: req.method,
    headers: { ...Object.fromEntries(passed), ...key },
    signal: gone.signal,
    // Whoever chose the model's address may not reach everything that this machine does.
    ...reach?.requestOptions(base),
  });
  pipeline(req, request).catch(() => {});
  const [answer] = (await once(request, 'response')) as [IncomingMessage];
  const status = answer.statusCode ?? 502;
  // A redirect would take the key elsewhere.
  if (status >= 300 && status < 400) throw new Error('The model answers with a redirect.');
  const headers = Object.entries(answer.headers).filter(([name]) => !notPassed.test(name));
  res.writeHead(status, Object.fromEntries(headers));
  await pipeline(answer, res);
}
