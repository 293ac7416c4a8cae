import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { serveAnthropic } from './anthropic-api.ts';
import { serveOpenAi } from './openai-api.ts';

/** A running scripted model. `url` serves OpenAI's API, and `anthropicUrl` Anthropic's. */
export type ScriptedModel = AsyncDisposable & { url: string; anthropicUrl: string };

/**
 * Starts a model on loopback whose answers are scripted, so that IT0 works without a key. It listens on `port` if that is
 * free, and on any port otherwise.
 */
export async function startScriptedModel(port = 0): Promise<ScriptedModel> {
  const app = express().disable('x-powered-by');
  app.get('/v1/models', (_req, res) => {
    res.json({ object: 'list', data: [{ id: 'scripted', object: 'model', owned_by: 'it0' }] });
  });
  app.post('/v1/chat/completions', express.json({ limit: '32mb' }), serveOpenAi);
  app.post('/v1/messages', express.json({ limit: '32mb' }), serveAnthropic);
  const server = await listen(app, port).catch(() => listen(app, 0));
  const anthropicUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `${anthropicUrl}/v1`,
    anthropicUrl,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const listen = (app: express.Express, port: number) =>
  new Promise<Server>((resolve, reject) => {
    const server = app.listen(port, '127.0.0.1', (error) => (error ? reject(error) : resolve(server)));
  });
