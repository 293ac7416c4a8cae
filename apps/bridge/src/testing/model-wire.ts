import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { startScriptedModel } from '../scripted-model/scripted-model.ts';

export type ModelRequest = { path: string; headers: Record<string, unknown>; body: Record<string, unknown> };

/** The wire to a scripted model: what goes over it is kept, and `refuse` answers in the model's place. */
export async function fakeModel() {
  const model = await startScriptedModel();
  const asked: ModelRequest[] = [];
  let refusal: { status: number; body?: object; headers?: Record<string, string> } | 'hang up' | undefined;

  const http = createServer(async (req, res) => {
    const body = await text(req);
    asked.push({ path: req.url ?? '', headers: req.headers, body: JSON.parse(body || '{}') });
    if (refusal === 'hang up') return res.destroy();
    if (refusal) {
      res.writeHead(refusal.status, { 'content-type': 'application/json', ...refusal.headers });
      return res.end(JSON.stringify(refusal.body ?? {}));
    }
    const gone = new AbortController();
    res.on('close', () => gone.abort());
    const headers = {
      'content-type': 'application/json',
      'x-api-key': String(req.headers.authorization ?? req.headers['x-api-key']),
    };
    const init = { method: req.method, headers, body: req.method === 'POST' ? body : undefined, signal: gone.signal };
    const answer = await fetch(`${model.anthropicUrl}${req.url}`, init).catch(() => null);
    if (!answer?.body) return res.destroy();
    res.writeHead(answer.status, Object.fromEntries(answer.headers));
    Readable.fromWeb(answer.body as Parameters<typeof Readable.fromWeb>[0])
      .on('error', () => res.destroy())
      .pipe(res);
  });
  await once(http.listen(0, '127.0.0.1'), 'listening');

  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    asked,
    refuse(how: typeof refusal) {
      refusal = how;
    },
    async [Symbol.asyncDispose]() {
      http.close();
      http.closeAllConnections();
      await model.close();
    },
  };
}
