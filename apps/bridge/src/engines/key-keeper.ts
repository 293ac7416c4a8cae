import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

export type KeyKeeper = { url: string; token: string; close(): void };
/** `baseUrl` is what a client of the model would be given; requests below the keeper's `url` go below it. */
export type KeyedModel = { baseUrl: string; apiKey: string; api: 'anthropic' | 'openai' };

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

async function forward({ baseUrl, apiKey, api }: KeyedModel, req: IncomingMessage, res: ServerResponse) {
  const gone = new AbortController();
  res.on('close', () => gone.abort());
  const passed = Object.entries(req.headers).flatMap(([name, value]): [string, string][] =>
    value === undefined || notPassed.test(name) ? [] : [[name, String(value)]],
  );
  const key: [string, string] = api === 'anthropic' ? ['x-api-key', apiKey] : ['authorization', `Bearer ${apiKey}`];
  const answer = await fetch(`${baseUrl.replace(/\/$/, '')}${req.url}`, {
    method: req.method,
    headers: [...passed, key],
    body: req.method === 'GET' || req.method === 'HEAD' ? undefined : Readable.toWeb(req),
    duplex: 'half',
    redirect: 'error',
    signal: gone.signal,
  } as RequestInit);
  res.writeHead(answer.status, [...answer.headers].filter(([name]) => !notPassed.test(name)).flat());
  if (!answer.body) return res.end();
  await pipeline(Readable.fromWeb(answer.body as Parameters<typeof Readable.fromWeb>[0]), res);
}
