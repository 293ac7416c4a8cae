import { X509Certificate } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '@it0/bridge/engines/openclaw/connection';
import { v7 as newId } from 'uuid';
import { httpClient, type Request } from '../http-client.ts';
import { type Round, type Row, toRow } from '../report.ts';
import { type Subject, startSubject } from '../subject.ts';
import { openSocket } from '../target.ts';
import { type Options, serverMain, type World } from '../world.ts';

const message = 'What can you do?';
const MAX_MS = 15;
/** The limit of the 95th percentile in new sessions. It includes the first message of the gateway. */
const NEW_SESSION_MAX_MS = 1_500;

/**
 * Measures the time from a message to the first words of the reply, through the server and the bridge, and directly at
 * the WebSocket of the same OpenClaw gateway, in one session and in new ones. Both use the scripted model.
 */
export async function firstDelta(_: World, { quick }: Options): Promise<Row[]> {
  await using undo = new AsyncDisposableStack();
  const dataDir = mkdtempSync(join(tmpdir(), 'it0-bench-'));
  undo.defer(() => rmSync(dataDir, { recursive: true, force: true }));
  const server = await startSubject(serverMain, { IT0_DATA: dataDir, IT0_SECRET: newId(), PORT: '0' });
  undo.defer(() => server.stop());
  const viaServer = await signInPerson(server);
  undo.defer(() => viaServer.close());
  const direct = await connectGateway(findFolder(dataDir, viaServer.instanceId), dataDir);
  undo.defer(() => direct.close());

  const fresh: Round[] = [{ value: viaServer.firstMs }];
  const measured: Round[] = [];
  for (let round = 0; round <= (quick ? 4 : 11); round++) {
    fresh.push({ baseline: await direct.askNew(), value: await viaServer.askNew() });
    const result = { baseline: await direct.ask(), value: await viaServer.ask() };
    if (round > 0) measured.push(result);
  }
  const row = toRow('first delta, through the server and direct, ms', measured, { is: 'at most' });
  const newSession = toRow('first delta of a new session, through the server and direct, ms', fresh, { is: 'at most' });
  const p95 = fresh.map(({ value }) => value).sort((a, b) => a - b)[Math.ceil(fresh.length * 0.95) - 1]!;
  return [
    { ...row, ok: row.value - row.floor! <= MAX_MS },
    { ...newSession, ok: p95 <= NEW_SESSION_MAX_MS },
    { ...newSession, section: '… its 95th percentile', value: p95, xFloor: null, ok: p95 <= NEW_SESSION_MAX_MS },
  ];
}

/** Finds the folder of the instance, which is below its tenant's. */
function findFolder(dataDir: string, instanceId: string) {
  const instances = join(dataDir, 'instances');
  const tenantId = readdirSync(instances).find((name) => existsSync(join(instances, name, instanceId)));
  if (!tenantId) throw new Error('The instance has no folder.');
  return join(instances, tenantId, instanceId);
}

/** Measures the time to the first words of a reply. */
function listener() {
  let settle = { first: () => {}, end: () => {} };
  return {
    notify: (what: 'first' | 'end') => settle[what](),
    /** Returns the time from `send` to the first words. Resolves at the end of the reply. */
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

async function signInPerson(server: Subject) {
  // The server closes an idle connection between two messages.
  async function request(request: Request) {
    const client = httpClient(server);
    const response = await client.send(request);
    client.close();
    return response;
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
  const { notify, time } = listener();

  async function send() {
    const body = JSON.stringify({ instanceId, sessionId, message, requestId: newId() });
    const response = await request({ path: '/trpc/instance.createTask', headers, body });
    sessionId = JSON.parse(response.body).result.data.sessionId;
  }
  let subscriptions = 0;
  const socket = Promise.withResolvers<{ send(frame: string): void }>();
  const reader = await openSocket(`ws://127.0.0.1:${server.port}/ws/agent`, {
    headers,
    onOpen: socket.resolve,
    onFrame(frame) {
      const { result } = frame === 'PING' ? {} : JSON.parse(frame);
      const events: { type: string }[] = result?.data?.data ?? [];
      if (events.some(({ type }) => type === 'text')) notify('first');
      if (events.some(({ type }) => type === 'completed')) notify('end');
      return true;
    },
    replyTo: (frame) => (frame === 'PING' ? 'PONG' : undefined),
    readyAtOnce: true,
  });

  async function sendInNewSession() {
    sessionId = undefined;
    await send();
    const params = { path: 'session.onEvent', input: { sessionId, lastEventId: '0' } };
    (await socket.promise).send(JSON.stringify({ id: ++subscriptions, method: 'subscription', params }));
  }
  const askNew = () => time(sendInNewSession);
  return { firstMs: await askNew(), instanceId, askNew, ask: () => time(send), close: reader.close };
}

async function connectGateway(instanceDir: string, ownDir: string) {
  if (!readdirSync(instanceDir).includes('gateway.json')) throw new Error('The instance has no gateway.');
  const { port, token } = JSON.parse(readFileSync(join(instanceDir, 'gateway.json'), 'utf8'));
  let sessionKey = `bench:${newId()}`;
  const { notify, time } = listener();
  const up = Promise.withResolvers<void>();
  const certificate = new X509Certificate(readFileSync(join(instanceDir, 'gateway/certificate.pem')));
  const address = { url: `wss://127.0.0.1:${port}`, token, fingerprint: certificate.fingerprint256 };
  const connection = connect(address, ownDir, {
    onConnect: () => up.resolve(),
    onDisconnect: (why) => up.reject(new Error(why)),
    onEvent({ event, payload }) {
      const chat = payload as { sessionKey?: string; state?: string };
      if (event !== 'chat' || !chat.sessionKey?.endsWith(sessionKey)) return;
      if (chat.state === 'delta') notify('first');
      if (chat.state === 'final') notify('end');
    },
  });
  await up.promise;
  const send = () => connection.request('chat.send', { sessionKey, message, idempotencyKey: newId() });
  const askNew = () => {
    sessionKey = `bench:${newId()}`;
    return time(send);
  };
  return { askNew, ask: () => time(send), close: () => connection.close() };
}
