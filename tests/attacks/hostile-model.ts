import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Request, type Response } from 'express';

/** A tool call of the model. `tool` is a bridge's tool without its prefix; with `isForeign` any other name. */
export type HostileCall = { tool: string; args: unknown; isForeign?: boolean };

/** Matches the part of a message that names the model's script. */
const reference = /script:([0-9a-f-]{36})/g;

type Script = {
  calls: HostileCall[];
  /** The result of each call, as the model reads it. */
  results: string[];
  /** The last request as JSON, which includes the agent's prompts. */
  prompt: string;
};
type Turn = { script: Script | undefined; results: string[] };

/**
 * Starts a model that acts for an attacker: it makes the tool calls of a script, one after the other, and ends with a
 * fixed text. It serves OpenAI's protocol at `url` and Anthropic's at `anthropicUrl`, on loopback.
 */
export async function startHostileModel() {
  const scripts = new Map<string, Script>();
  const app = express().disable('x-powered-by');
  app.use(express.json({ limit: '64mb' }));
  app.get('/v1/models', (_req, res) => {
    res.json({ object: 'list', data: [{ id: 'hostile', object: 'model', owned_by: 'it0' }] });
  });
  app.post('/v1/chat/completions', (req, res) =>
    respondAsOpenAi(req, res, takeNextCall(readOpenAi(req.body), req.body, 'it0__')),
  );
  app.post('/v1/messages', (req, res) =>
    respondAsAnthropic(req, res, takeNextCall(readAnthropic(req.body), req.body, 'mcp__it0__')),
  );
  const server = await new Promise<Server>((resolve) => {
    const listening = app.listen(0, '127.0.0.1', () => resolve(listening));
  });
  const anthropicUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  /** Returns the script that a text names last. */
  function findScript(text: string): Script | undefined {
    const id = [...text.matchAll(reference)].at(-1)?.[1];
    return id === undefined ? undefined : scripts.get(id);
  }

  function readOpenAi({ messages }: { messages: Message[] }): Turn {
    const results: string[] = [];
    for (const { role, content } of messages.toReversed()) {
      if (role === 'tool') results.unshift(readText(content));
      const script = role === 'user' ? findScript(readText(content)) : undefined;
      if (script) return { script, results };
    }
    return { script: undefined, results };
  }

  function readAnthropic({ messages }: { messages: Message[] }): Turn {
    const results: string[] = [];
    for (const { role, content } of messages.toReversed()) {
      if (role !== 'user') continue;
      const blocks = typeof content === 'string' ? [] : (content ?? []);
      results.unshift(...blocks.filter(({ type }) => type === 'tool_result').map((block) => readText(block.content)));
      const script = findScript(readText(content));
      if (script) return { script, results };
    }
    return { script: undefined, results };
  }

  /** Returns the takeNextCall call of a script, or undefined at its end. */
  function takeNextCall({ script, results }: Turn, body: unknown, prefix: string) {
    if (!script) return undefined;
    script.results = results;
    script.prompt = JSON.stringify(body);
    const call = script.calls[results.length];
    return call && { ...call, name: call.isForeign ? call.tool : `${prefix}${call.tool}` };
  }

  return {
    url: `${anthropicUrl}/v1`,
    anthropicUrl,
    /** Adds a script. A task whose message contains the returned one makes its calls. */
    addScript(calls: HostileCall[]) {
      const id = randomUUID();
      const script: Script = { calls, results: [], prompt: '' };
      scripts.set(id, script);
      return { message: `script:${id}`, script };
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

type Block = { type: string; text?: string; content?: Message['content'] };
type Message = { role: string; content?: string | Block[] | null };
type NamedCall = HostileCall & { name: string };

const readText = (content: Message['content']): string =>
  typeof content === 'string' ? content : (content ?? []).map(({ text = '' }) => text).join('\n');

const done = 'The script is over.';

function respondAsOpenAi({ body }: Request, res: Response, call: NamedCall | undefined) {
  const calls = call && [
    {
      ...{ index: 0, id: `call_${randomUUID().replaceAll('-', '')}`, type: 'function' },
      function: { name: call.name, arguments: JSON.stringify(call.args) },
    },
  ];
  const delta = { role: 'assistant', content: call ? '' : done, tool_calls: calls };
  const common = { id: `chatcmpl-${randomUUID()}`, created: Math.floor(Date.now() / 1_000), model: 'hostile' };
  const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
  const finish_reason = call ? 'tool_calls' : 'stop';
  if (!body.stream) {
    return res.json({
      ...common,
      object: 'chat.completion',
      choices: [{ index: 0, message: delta, finish_reason }],
      usage,
    });
  }
  const write = (rest: object) =>
    res.write(`data: ${JSON.stringify({ ...common, object: 'chat.completion.chunk', ...rest })}\n\n`);
  res.setHeader('content-type', 'text/event-stream');
  write({ choices: [{ index: 0, delta, finish_reason: null }] });
  write({ choices: [{ index: 0, delta: {}, finish_reason }] });
  write({ choices: [], usage });
  res.end('data: [DONE]\n\n');
}

function respondAsAnthropic({ body }: Request, res: Response, call: NamedCall | undefined) {
  const block = call
    ? { type: 'tool_use', id: `toolu_${randomUUID().replaceAll('-', '')}`, name: call.name, input: call.args }
    : { type: 'text', text: done };
  const usage = { input_tokens: 1, output_tokens: 1, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 };
  const stop_reason = call ? 'tool_use' : 'end_turn';
  const envelope = { id: `msg_${randomUUID()}`, type: 'message', role: 'assistant', model: body.model, usage };
  if (!body.stream) return res.json({ ...envelope, content: [block], stop_reason, stop_sequence: null });
  const send = (type: string, rest: object = {}) =>
    res.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`);
  res.setHeader('content-type', 'text/event-stream');
  send('message_start', { message: { ...envelope, content: [], stop_reason: null, stop_sequence: null } });
  send('content_block_start', { index: 0, content_block: call ? { ...block, input: {} } : { type: 'text', text: '' } });
  const delta = call
    ? { type: 'input_json_delta', partial_json: JSON.stringify(call.args) }
    : { type: 'text_delta', text: done };
  send('content_block_delta', { index: 0, delta });
  send('content_block_stop', { index: 0 });
  send('message_delta', { delta: { stop_reason, stop_sequence: null }, usage });
  send('message_stop');
  res.end();
}
