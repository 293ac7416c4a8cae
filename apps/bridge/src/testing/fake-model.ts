import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { startScriptedModel } from '../scripted-model/scripted-model.ts';

/** A recorded request to the model. */
export type ModelRequest = { path: string; headers: Record<string, unknown>; body: Record<string, unknown> };

/** Starts a proxy to a scripted model. It records requests, and `refuse` sets the response that replaces the model's. */
export async function fakeModel() {
  const scriptedModel = await startScriptedModel();
  const requests: ModelRequest[] = [];
  let refusal: { status: number; body?: object; headers?: Record<string, string> } | 'hang up' | undefined;

  const http = createServer(async (req, res) => {
    const body = await text(req);
    requests.push({ path: req.url ?? '', headers: req.headers, body: JSON.parse(body || '{}') });
    if (refusal === 'hang up') return res.destroy();
    if (refusal) {
      res.writeHead(refusal.status, { 'content-type': 'application/json', ...refusal.headers });
      return res.end(JSON.stringify(refusal.body ?? {}));
    }
    const disconnected = new AbortController();
    res.on('close', () => disconnected.abort());
    const headers = {
      'content-type': 'application/json',
      'x-api-key': String(req.headers.authorization ?? req.headers['x-api-key']),
    };
    const init = {
      method: req.method,
      headers,
      body: req.method === 'POST' ? body : undefined,
      signal: disconnected.signal,
    };
    const response = await fetch(`${scriptedModel.anthropicUrl}${req.url}`, init).catch(() => null);
    if (!response?.body) return res.destroy();
    res.writeHead(response.status, Object.fromEntries(response.headers));
    Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0])
      .on('error', () => res.destroy())
      .pipe(res);
  });
  await once(http.listen(0, '127.0.0.1'), 'listening');

  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    requests,
    refuse(next: typeof refusal) {
      refusal = next;
    },
    async [Symbol.asyncDispose]() {
      http.close();
      http.closeAllConnections();
      await scriptedModel[Symbol.asyncDispose]();
    },
  };
}
