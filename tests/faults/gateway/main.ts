import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { TOOL_POLICY } from '@it0/bridge/engines/openclaw/gateway-config';
import { PLUGIN_ID } from '@it0/bridge/engines/openclaw/gateway-plugin';
import { type WebSocket, WebSocketServer } from 'ws';
import { openHistory } from './history.ts';
import { createRuns, type Send } from './runs.ts';
import { createTools } from './tools.ts';

// A fake OpenClaw gateway with the part of the observed protocol that a bridge uses. Sends are in memory and the history
// is on disk. After a kill it continues like the real one. Its only tools are the bridge's.
// Usage: node main.ts <port> <folder> <tools URL> <tools token>

const [port, folder] = [Number(process.argv[2]), process.argv[3]!];
const tools = createTools(process.argv[4]!, process.argv[5]!);
const token = 'stand-in';
const bootId = randomUUID();
mkdirSync(folder, { recursive: true });

const connected = new Set<WebSocket>();
const counts = new WeakMap<WebSocket, number>();
const send = (socket: WebSocket, frame: object) => socket.send(JSON.stringify(frame));
function emit(event: string, payload: object) {
  for (const socket of connected) {
    const seq = (counts.get(socket) ?? 0) + 1;
    counts.set(socket, seq);
    send(socket, { type: 'event', event, payload, seq });
  }
}

const history = openHistory(join(folder, 'history.jsonl'));
const runs = createRuns(history, tools, emit);

class RequestError extends Error {}

const normalizeKey = (key: string) => key.replace(/^agent:[^:]+:/, '').toLowerCase();

// biome-ignore lint/suspicious/noExplicitAny: a frame's params are whatever the client sent
const methods: Record<string, (params: any) => object> = {
  health: () => ({ ok: true }),
  'config.get': () => ({ config: { tools: TOOL_POLICY, plugins: { enabled: true, allow: [PLUGIN_ID] } } }),
  'chat.send': (params: Send) => {
    const sent = runs.send({ ...params, sessionKey: normalizeKey(params.sessionKey) });
    if (sent === 'conflict') throw new RequestError('chat-request-conflict');
    return { runId: params.idempotencyKey, ...sent };
  },
  'chat.abort': ({ sessionKey }) => {
    const runIds = runs.abort(normalizeKey(sessionKey));
    return { ok: true, aborted: runIds.length > 0, runIds };
  },
  'chat.history': ({ sessionKey, limit = 200 }) => {
    const run = runs.inFlight(normalizeKey(sessionKey));
    return {
      messages: history.of(normalizeKey(sessionKey)).slice(-limit),
      inFlightRun: run ? { runId: run.runId, text: run.text, events: [] } : null,
      sessionInfo: { hasActiveRun: run !== undefined },
    };
  },
};

const http = createServer((_, res) => res.end('{"ready":true}'));
new WebSocketServer({ server: http }).on('connection', (socket) => {
  const challenge = { nonce: randomUUID(), ts: Date.now() };
  send(socket, { type: 'event', event: 'connect.challenge', payload: challenge });
  socket.on('error', () => {});
  socket.on('close', () => connected.delete(socket));
  socket.on('message', (data) => {
    const { id, method, params } = JSON.parse(String(data));
    const respond = (frame: object) => send(socket, { type: 'res', id, ...frame });
    if (method === 'connect') {
      if (params.auth?.token !== token || params.minProtocol !== 4) return socket.close(1008, 'refused');
      respond({ ok: true, payload: { ...hello, auth: { role: 'operator', scopes: params.scopes } } });
      return void connected.add(socket);
    }
    try {
      const handle = methods[method];
      if (!handle || !connected.has(socket)) throw new RequestError('INVALID_REQUEST');
      respond({ ok: true, payload: handle(params ?? {}) });
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      const details = { reason: error.message };
      respond({ ok: false, error: { code: 'INVALID_REQUEST', message: error.message, details, retryable: false } });
    }
  });
});
setInterval(() => emit('tick', { ts: Date.now() }), 30_000);
http.listen(port, '127.0.0.1');
process.on('disconnect', () => process.exit());

const hello = {
  type: 'hello-ok',
  protocol: 4,
  server: { version: 'stand-in', bootId, connId: randomUUID() },
  features: { methods: Object.keys(methods), events: [], capabilities: [] },
  snapshot: {},
  policy: { maxPayload: 26_214_400, maxBufferedBytes: 52_428_800, tickIntervalMs: 30_000 },
};
