import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as after } from 'node:timers/promises';
import express, { type Response } from 'express';
import { type Answer, answerTo, pieces } from './answers.ts';
import { CompletionRequest, readTurn } from './conversation.ts';

export type ScriptedModel = { url: string; close(): Promise<void> };

/**
 * An OpenAI-compatible model on loopback whose answers are scripted, for a start without any key. `port` is the one to
 * have if it is free: a gateway that outlived its bridge still looks for the model there.
 */
export async function startScriptedModel(port = 0): Promise<ScriptedModel> {
  const app = express().disable('x-powered-by');
  app.get('/v1/models', (_req, res) => {
    res.json({ object: 'list', data: [{ id: 'scripted', object: 'model', owned_by: 'it0' }] });
  });
  app.post('/v1/chat/completions', express.json({ limit: '32mb' }), async (req, res) => {
    const request = CompletionRequest.safeParse(req.body);
    if (!request.success) return refuse(res, 400, 'Not a chat completion request.');
    const answer = answerTo(readTurn(request.data));
    if (answer.type === 'refuse') return refuse(res, answer.status, answer.message);
    await (request.data.stream ? stream(res, answer) : answerWhole(res, answer));
  });
  const server = await listen(app, port).catch(() => listen(app, 0));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    close: () =>
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

type Said = Answer & { type: 'say' };

const refuse = (res: Response, status: number, message: string) => {
  res.status(status).json({ error: { message, type: 'invalid_request_error' } });
};

const usageOf = ({ text }: Said) => ({
  prompt_tokens: 0,
  completion_tokens: pieces(text).length,
  total_tokens: pieces(text).length,
});

const toolCalls = ({ command }: Said) =>
  command && [
    {
      index: 0,
      id: `call_${crypto.randomUUID()}`,
      type: 'function',
      function: { name: 'exec', arguments: JSON.stringify({ command }) },
    },
  ];

const finishOf = ({ command }: Said) => (command ? 'tool_calls' : 'stop');

async function stream(res: Response, answer: Said) {
  const gone = new AbortController();
  res.on('close', () => gone.abort());
  res.setHeader('content-type', 'text/event-stream');
  const id = `chatcmpl-${crypto.randomUUID()}`;
  const chunk = (rest: object) => {
    const common = { id, object: 'chat.completion.chunk', created: Math.floor(Date.now() / 1000), model: 'scripted' };
    res.write(`data: ${JSON.stringify({ ...common, ...rest })}\n\n`);
  };
  const choice = (delta: object, finish_reason: string | null = null) =>
    chunk({ choices: [{ index: 0, delta, finish_reason }] });

  choice({ role: 'assistant', content: '' });
  for (const piece of pieces(answer.text)) {
    await after(answer.paceMs, undefined, { signal: gone.signal }).catch(() => {});
    if (gone.signal.aborted) return;
    choice({ content: piece });
  }
  if (answer.command) choice({ tool_calls: toolCalls(answer) });
  choice({}, finishOf(answer));
  chunk({ choices: [], usage: usageOf(answer) });
  res.end('data: [DONE]\n\n');
}

function answerWhole(res: Response, answer: Said) {
  const message = { role: 'assistant', content: answer.text, tool_calls: toolCalls(answer) };
  res.json({
    id: `chatcmpl-${crypto.randomUUID()}`,
    object: 'chat.completion',
    created: Math.floor(Date.now() / 1000),
    model: 'scripted',
    choices: [{ index: 0, message, finish_reason: finishOf(answer) }],
    usage: usageOf(answer),
  });
}
