import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import type { Reach } from '@it0/node/reach';
import { createToken, isSameToken } from '@it0/node/token';
import { createShortAnswer } from './short-answer.ts';

/** A proxy to a model, on loopback. */
export type CredentialProxy = Disposable & {
  url: string;
  token: string;
  /** Answers requests that contain this text with "OK" until disposed. They do not reach the model. */
  answerRequestsWith(text: string): Disposable;
};
/** The model behind a proxy. A request to a path below the proxy's `url` is forwarded to that path below `baseUrl`. */
export type KeyedModel = {
  baseUrl: string;
  apiKey: string;
  api: 'anthropic' | 'openai';
  /** The hosts that the model may be on; any host if omitted. */
  reach?: Reach;
};

const STRIPPED_HEADERS =
  /^(host|connection|content-length|content-encoding|transfer-encoding|accept-encoding|authorization|x-api-key)$/;
/** The endpoints of a model's API. The proxy forwards no other path. */
const FORWARDED_PATHS = /^\/(v1\/)?(messages(\/count_tokens)?|chat\/completions|responses|models)(\?|$)/;

/**
 * Starts a proxy on loopback that adds the API key to requests, so that no process of an agent has the key. Clients
 * authenticate with a token that is valid for this proxy only, as long as the bridge runs.
 */
export async function startCredentialProxy(model: KeyedModel): Promise<CredentialProxy> {
  const token = createToken();
  const answered = new Set<string>();
  const server = createServer((req, res) => {
    const credential = req.headers['x-api-key'] ?? req.headers.authorization?.replace(/^Bearer /, '') ?? '';
    if (!isSameToken(String(credential), token) || !FORWARDED_PATHS.test(req.url ?? ''))
      return void res.writeHead(403).end();
    // A client retries a broken connection, but would take a status for the model's response.
    const isForwarded = answered.size === 0 ? forward(model, req, req, res) : filter(req, res);
    isForwarded.catch(() => res.destroy());
  });
  async function filter(req: IncomingMessage, res: ServerResponse) {
    const body = await buffer(req);
    if (![...answered].some((text) => body.includes(text))) return forward(model, req, Readable.from([body]), res);
    res.writeHead(200, { 'content-type': 'text/event-stream' }).end(createShortAnswer(req.url!));
  }

  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token,
    answerRequestsWith(text) {
      answered.add(text);
      return { [Symbol.dispose]: () => void answered.delete(text) };
    },
    [Symbol.dispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function forward(model: KeyedModel, req: IncomingMessage, body: Readable, res: ServerResponse) {
  const { baseUrl, apiKey, api, reach } = model;
  const disconnected = new AbortController();
  res.on('close', () => disconnected.abort());
  const forwarded = Object.entries(req.headers).filter(([name]) => !STRIPPED_HEADERS.test(name));
  const key = api === 'anthropic' ? { 'x-api-key': apiKey } : { authorization: `Bearer ${apiKey}` };
  const base = new URL(baseUrl);
  const send = base.protocol === 'https:' ? httpsRequest : httpRequest;
  const request = send(`${baseUrl.replace(/\/$/, '')}${req.url}`, {
    method: req.method,
    headers: { ...Object.fromEntries(forwarded), ...key },
    signal: disconnected.signal,
    // The address of the model may be chosen by a user who must not reach the network of this machine.
    ...reach?.createRequestOptions(base),
  });
  pipeline(body, request).catch(() => {});
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const status = response.statusCode ?? 502;
  // Following a redirect would send the key to another host.
  if (status >= 300 && status < 400) throw new Error('The model responded with a redirect.');
  const headers = Object.entries(response.headers).filter(([name]) => !STRIPPED_HEADERS.test(name));
  res.writeHead(status, Object.fromEntries(headers));
  await pipeline(response, res);
}
