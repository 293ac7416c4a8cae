import { X509Certificate } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '@it0/bridge/engines/openclaw/connection';
import { v7 as newId } from 'uuid';
import { httpClient, type Request } from '../http-client.ts';
import type { Options } from '../main.ts';
import { type Round, type Row, rowOf } from '../report.ts';
import { type Subject, startSubject } from '../subject.ts';
import { openSocket } from '../target.ts';
import { serverMain, type World } from '../world.ts';

const message = 'What can you do?';
const mostMs = 15;

/**
 * From a person's Enter to the first words of the reply: through the server and the bridge, and straight from the same
 * OpenClaw gateway's own WebSocket. The model is the scripted one, so what differs is the way.
 */
export async function firstDelta(_: World, { quick }: Options): Promise<Row[]> {
  await using undo = new AsyncDisposableStack();
  const dataDir = mkdtempSync(join(tmpdir(), 'it0-bench-'));
  undo.defer(() => rmSync(dataDir, { recursive: true, force: true }));
  const server = await startSubject(serverMain, { IT0_DATA: dataDir, IT0_SECRET: newId(), PORT: '0' });
  undo.defer(() => server.stop());
  const through = await person(server);
  undo.defer(() => through.close());
  const straight = await atGateway(folderOf(dataDir, through.instanceId), dataDir);
  undo.defer(() => straight.close());

  const measured: Round[] = [];
  for (let round = 0; round <= (quick ? 4 : 11); round++) {
    const result = { floor: await straight.ask(), value: await through.ask() };
    if (round > 0) measured.push(result);
  }
  const row = rowOf('first delta, through us and straight, ms', measured, { is: 'at most' });
  return [{ ...row, ok: row.value - row.floor! <= mostMs }];
}

/** It is the only instance there is, and so is its tenant. */
function folderOf(dataDir: string, instanceId: string) {
  const instances = join(dataDir, 'instances');
  const tenantId = readdirSync(instances).find((name) => existsSync(join(instances, name, instanceId)));
  if (!tenantId) throw new Error('The instance has no folder.');
  return join(instances, tenantId, instanceId);
}

/** Tells of the first words, and of the end. */
function listener() {
  let settle = { first: () => {}, end: () => {} };
  return {
    hear: (what: 'first' | 'end') => settle[what](),
    /** How long after `send` began the first words came. Answers when the reply is over. */
    async time(send: () => Promise<unknown>) {
      const first = Promise.withResolvers<void>();
      const end = Promise.withResolvers<void>();
      settle = { first: first.resolve, end: end.resolve };
      const start = performance.now();
      await send();
      await first.promise;
      const ms = performance.now() - start;
      await end.promise;
      return ms;
    },
  };
}

async function person(server: Subject) {
  // The server lets a connection go between two messages.
  async function request(request: Request) {
    const client = httpClient(server);
    const answer = await client.send(request);
    client.close();
    return answer;
  }
  const [, token] = /\/sign-in\/(\S+)/.exec(server.printed()) ?? [];
  const signedIn = await request({
    path: '/trpc/auth.redeemSignInLink',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token }),
  });
  const headers = { cookie: /set-cookie: ([^;]+)/i.exec(signedIn.head)?.[1] ?? '' };
  const instance = async () => {
    const { body } = await request({ method: 'GET', path: '/trpc/instance.list', headers });
    return JSON.parse(body).result.data[0];
  };
  while ((await instance()).status !== 'RUNNING') await sleep(200);
  const instanceId: string = (await instance()).id;
  let sessionId: string | undefined;
  const { hear, time } = listener();

  async function send() {
    const body = JSON.stringify({ instanceId, sessionId, message, requestId: newId() });
    const answer = await request({ path: '/trpc/instance.createTask', headers, body });
    sessionId = JSON.parse(answer.body).result.data.sessionId;
  }
  const over = Promise.withResolvers<void>();
  await send();
  const input = { sessionId, lastEventId: '0' };
  const reader = await openSocket(`ws://127.0.0.1:${server.port}/ws/agent`, {
    headers,
    onOpen: (socket) =>
      socket.send(JSON.stringify({ id: 1, method: 'subscription', params: { path: 'session.onEvent', input } })),
    onFrame(frame) {
      const { result } = frame === 'PING' ? {} : JSON.parse(frame);
      const events: { type: string }[] = result?.data?.data ?? [];
      if (events.some(({ type }) => type === 'text')) hear('first');
      if (events.some(({ type }) => type === 'completed')) {
        over.resolve();
        hear('end');
      }
      return true;
    },
    answerTo: (frame) => (frame === 'PING' ? 'PONG' : undefined),
    readyAtOnce: false,
  });
  await over.promise;
  return { instanceId, ask: () => time(send), close: reader.close };
}

async function atGateway(instanceDir: string, ownDir: string) {
  if (!readdirSync(instanceDir).includes('gateway.json')) throw new Error('The instance has no gateway of its own.');
  const { port, token } = JSON.parse(readFileSync(join(instanceDir, 'gateway.json'), 'utf8'));
  const sessionKey = `bench:${newId()}`;
  const { hear, time } = listener();
  const up = Promise.withResolvers<void>();
  const certificate = new X509Certificate(readFileSync(join(instanceDir, 'gateway/certificate.pem')));
  const address = { url: `wss://127.0.0.1:${port}`, token, fingerprint: certificate.fingerprint256 };
  const connection = connect(address, ownDir, {
    onConnect: () => up.resolve(),
    onDisconnect: (why) => up.reject(new Error(why)),
    onEvent({ event, payload }) {
      const chat = payload as { sessionKey?: string; state?: string };
      if (event !== 'chat' || !chat.sessionKey?.endsWith(sessionKey)) return;
      if (chat.state === 'delta') hear('first');
      if (chat.state === 'final') hear('end');
    },
  });
  await up.promise;
  const send = () => connection.request('chat.send', { sessionKey, message, idempotencyKey: newId() });
  return { ask: () => time(send), close: () => connection.close() };
}
