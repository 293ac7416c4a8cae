import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, createServer as createLink } from 'node:net';
import { text } from 'node:stream/consumers';
import {
  type BridgeRequest,
  BridgeResponses,
  CHECK_IN_PATH,
  CheckIn,
  type CheckInResponse,
  ENROLL_PATH,
  Enroll,
  formatBridgeToken,
  CHECK_IN_TIMING as pace,
  RESPONSES_PATH,
} from '@it0/contracts/remote-bridge';
import type { Refusal } from './fake-server.ts';

/** What the server does instead of what it should: `lost`, it does that, and its answer does not arrive; `hang`, nothing. */
export type Fault = Refusal | 'lost' | 'hang';
type Answer = BridgeResponses['responses'][number];

const aTenantId = '01990000-0000-7000-8000-000000000001';

/** The server of bridges on other hosts, as far as one can tell. It has one instance, which anything can be desired of. */
export async function remoteServer() {
  const codes = new Map<string, { tenantId: string; instanceId: string; secret?: string }>();
  const tokens = new Set<string>();
  const checkIns: CheckIn[] = [];
  const answers = new Map<string, Answer>();
  const news = new EventEmitter().setMaxListeners(100);
  const name = 'Web cluster';
  const asked: BridgeRequest[] = [];
  const unanswered = new Map<string, BridgeRequest>();
  const handedOver = new Map<string, number>();
  let upgrade: string | null = null;
  let desired: CheckInResponse['desired'] = { running: true, revision: 1, model: createModel('server') };
  let mishap: (path: string, count: number) => Fault | undefined = () => undefined;
  const counts = new Map<string, number>();

  const routes: Record<
    string,
    (body: unknown, token: string, gone: AbortSignal) => Promise<{ status?: number; body: object }>
  > = {
    async [ENROLL_PATH](body) {
      const { code, secret } = Enroll.parse(body);
      const known = codes.get(code);
      if (!known || (known.secret && known.secret !== secret)) return refusal(401, 'BRIDGE_CODE_INVALID');
      known.secret = secret;
      const { tenantId, instanceId } = known;
      for (const token of tokens) if (token.startsWith(`${tenantId}.${instanceId}.`)) tokens.delete(token);
      tokens.add(formatBridgeToken({ tenantId, instanceId, secret }));
      return { body: { tenantId, instanceId, name } };
    },
    async [CHECK_IN_PATH](body, token, gone) {
      if (!tokens.has(token)) return refusal(401, 'BRIDGE_UNKNOWN');
      const told = CheckIn.parse(body);
      checkIns.push(told);
      const number = checkIns.length;
      news.emit('news');
      const first = desired;
      const mayWait = () => told.wait && asked.length === 0 && first === desired && tokens.has(token);
      const isAsWanted = desired.running ? told.running?.revision === desired.revision : !told.running;
      const patience = isAsWanted ? pace.waitMs : checkIns.length > 1 ? 1_000 : 0;
      const until = AbortSignal.any([gone, AbortSignal.timeout(patience)]);
      while (mayWait() && !until.aborted) await once(news, 'news', { signal: until }).catch(() => {});
      if (!tokens.has(token)) return refusal(401, 'BRIDGE_UNKNOWN');
      // As the server does: nothing for a check-in after which another one came, whose connection may be dead.
      const isNewest = number === checkIns.length && !gone.aborted;
      const requests = isNewest ? [...asked.splice(0), ...lostRequests(number)] : [];
      for (const { id } of requests) handedOver.set(id, number);
      const isCurrent = told.running?.revision === desired.revision;
      return { body: { desired: isCurrent ? { ...desired, model: undefined } : desired, requests, upgrade } };
    },
    async [RESPONSES_PATH](body, token) {
      if (!tokens.has(token)) return refusal(401, 'BRIDGE_UNKNOWN');
      for (const answer of BridgeResponses.parse(body).responses) {
        answers.set(answer.id, answer);
        unanswered.delete(answer.id);
      }
      news.emit('news');
      return { body: {} };
    },
  };

  const http = createServer(async (req, res) => {
    const path = req.url ?? '';
    const body = JSON.parse(await text(req));
    const gone = new AbortController();
    res.on('close', () => gone.abort());
    counts.set(path, (counts.get(path) ?? 0) + 1);
    const instead = mishap(path, counts.get(path)!);
    news.emit('news');
    if (instead === 'hang') return;
    if (instead && instead !== 'lost') return answer(res, instead);
    const token = req.headers.authorization?.replace(/^Bearer /, '') ?? '';
    const done = (await routes[path]?.(body, token, gone.signal)) ?? refusal(404, 'NOT_FOUND');
    answer(res, instead === 'lost' ? 'hang up' : { status: 200, ...done });
  });
  await once(http.listen(0, '127.0.0.1'), 'listening');
  const link = linkTo((http.address() as AddressInfo).port);
  await once(link.server.listen(0, '127.0.0.1'), 'listening');
  const { port } = link.server.address() as AddressInfo;

  /** Requests of a check-in whose answer was lost on its way: two check-ins later they are still unanswered. */
  const lostRequests = (number: number) =>
    [...unanswered.values()].filter(({ id }) => number - (handedOver.get(id) ?? number) >= 2);

  async function until<T>(look: () => T | undefined | false): Promise<T> {
    for (;;) {
      const found = look();
      if (found) return found;
      await once(news, 'news');
    }
  }

  return {
    url: `http://127.0.0.1:${port}`,
    checkIns,
    until,
    /** How often this was asked. */
    count: (path: string) => counts.get(path) ?? 0,
    newCode(instanceId: string = randomUUID(), tenantId: string = aTenantId) {
      const code = randomUUID();
      codes.set(code, { tenantId, instanceId });
      return code;
    },
    setDesired(next: Partial<CheckInResponse['desired']>) {
      desired = { ...desired, ...next };
      news.emit('news');
    },
    /** Until told otherwise, what goes wrong. */
    mishap(how: typeof mishap) {
      mishap = how;
    },
    offerUpgrade(path: string) {
      upgrade = path;
    },
    /** Its instance is gone. */
    deleteInstance() {
      tokens.clear();
      news.emit('news');
    },
    /** No more comes over the connections there are, and neither end is told. */
    deaden: link.deaden,
    /** Has a request fetched and done. */
    async request(method: BridgeRequest['method'], path: string, body?: BridgeRequest['body']) {
      const id = randomUUID();
      const request = { id, method, path, body };
      asked.push(request);
      unanswered.set(id, request);
      news.emit('news');
      return until(() => answers.get(id));
    },
    running: (is: (running: NonNullable<CheckIn['running']>) => boolean) =>
      until(() => checkIns.slice(-1).find(({ running }) => running && is(running))),
    waitForIdle: () => until(() => checkIns.at(-1)?.running === null),
    async [Symbol.asyncDispose]() {
      link.server.close();
      http.close();
      http.closeAllConnections();
    },
  };
}
export type RemoteServer = Awaited<ReturnType<typeof remoteServer>>;

export const createModel = (provider: 'server' | 'scripted') => ({ provider, name: null, baseUrl: null, key: null });

/** What connections go through, and can die in without a word. */
function linkTo(port: number) {
  const deaths = new Set<() => void>();
  const server = createLink((near) => {
    const far = connect(port, '127.0.0.1');
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on('error', () => to.destroy()).pipe(to);
      from.on('close', () => to.destroy());
    }
    deaths.add(() => {
      for (const end of [near, far]) end.unpipe().resume();
    });
  });
  return {
    server,
    deaden() {
      for (const die of deaths) die();
      deaths.clear();
    },
  };
}

const refusal = (status: number, reason: string) => ({
  status,
  body: { reason, message: `The server says ${reason}.` },
});

function answer(res: ServerResponse, what: Refusal) {
  if (what === 'hang up') return res.destroy();
  res.writeHead(what.status, { 'content-type': 'application/json', ...what.headers });
  res.end(JSON.stringify(what.body ?? {}));
}
