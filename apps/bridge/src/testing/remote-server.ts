import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net';
import { text } from 'node:stream/consumers';
import {
  type BridgeRequest,
  BridgeResponses,
  CHECK_IN_PATH,
  CHECK_IN_TIMING,
  CheckIn,
  type CheckInResponse,
  ENROLL_PATH,
  Enroll,
  formatBridgeToken,
  RESPONSES_PATH,
} from '@it0/contracts/remote-bridge';
import { type Refusal, respond } from './fake-server.ts';

/** A fault of the server. `lost` handles the request and drops the response; `hang` ignores the request. */
export type Fault = Refusal | 'lost' | 'hang';
type Response = BridgeResponses['responses'][number];

const TENANT_ID = '01990000-0000-7000-8000-000000000001';

/** Starts a server for remote bridges. It has one instance, whose desired state the test sets. */
export async function remoteServer() {
  const codes = new Map<string, { tenantId: string; instanceId: string; secret?: string }>();
  const tokens = new Set<string>();
  const checkIns: CheckIn[] = [];
  const responses = new Map<string, Response>();
  const changes = new EventEmitter().setMaxListeners(100);
  const name = 'Web cluster';
  const pendingRequests: BridgeRequest[] = [];
  /** The number of the check-in whose response contained a request, by its id. */
  const deliveredIn = new Map<string, number>();
  let upgrade: string | null = null;
  let desired: CheckInResponse['desired'] = { running: true, revision: 1, model: createModel('server') };
  let findFault: (path: string, count: number) => Fault | undefined = () => undefined;
  const counts = new Map<string, number>();

  const routes: Record<
    string,
    (body: unknown, token: string, disconnected: AbortSignal) => Promise<{ status?: number; body: object }>
  > = {
    async [ENROLL_PATH](body) {
      const { code, secret } = Enroll.parse(body);
      const enrollment = codes.get(code);
      if (!enrollment || (enrollment.secret && enrollment.secret !== secret))
        return createRefusal(401, 'BRIDGE_CODE_INVALID');
      enrollment.secret = secret;
      const { tenantId, instanceId } = enrollment;
      for (const token of tokens) if (token.startsWith(`${tenantId}.${instanceId}.`)) tokens.delete(token);
      tokens.add(formatBridgeToken({ tenantId, instanceId, secret }));
      return { body: { tenantId, instanceId, name } };
    },
    async [CHECK_IN_PATH](body, token, disconnected) {
      if (!tokens.has(token)) return createRefusal(401, 'BRIDGE_UNKNOWN');
      const checkIn = CheckIn.parse(body);
      checkIns.push(checkIn);
      const number = checkIns.length;
      changes.emit('change');
      const initial = desired;
      const canWait = () => checkIn.wait && pendingRequests.length === 0 && initial === desired && tokens.has(token);
      const isReconciled = desired.running ? checkIn.running?.revision === desired.revision : !checkIn.running;
      const timeoutMs = isReconciled ? CHECK_IN_TIMING.waitMs : checkIns.length > 1 ? 1_000 : 0;
      const stop = AbortSignal.any([disconnected, AbortSignal.timeout(timeoutMs)]);
      while (canWait() && !stop.aborted) await once(changes, 'change', { signal: stop }).catch(() => {});
      if (!tokens.has(token)) return createRefusal(401, 'BRIDGE_UNKNOWN');
      // As in the real server, only the newest check-in gets requests: the connection of an older one may be dead.
      const isNewest = number === checkIns.length && !disconnected.aborted;
      const requests = isNewest ? pendingRequests.splice(0) : [];
      for (const { id } of requests) deliveredIn.set(id, number);
      const isCurrent = checkIn.running?.revision === desired.revision;
      return { body: { desired: isCurrent ? { ...desired, model: undefined } : desired, requests, upgrade } };
    },
    async [RESPONSES_PATH](body, token) {
      if (!tokens.has(token)) return createRefusal(401, 'BRIDGE_UNKNOWN');
      for (const response of BridgeResponses.parse(body).responses) responses.set(response.id, response);
      changes.emit('change');
      return { body: {} };
    },
  };

  const http = createServer(async (req, res) => {
    const path = req.url ?? '';
    const body = JSON.parse(await text(req));
    const disconnected = new AbortController();
    res.on('close', () => disconnected.abort());
    counts.set(path, (counts.get(path) ?? 0) + 1);
    const fault = findFault(path, counts.get(path)!);
    changes.emit('change');
    if (fault === 'hang') return;
    if (fault && fault !== 'lost') return respond(res, fault);
    const token = req.headers.authorization?.replace(/^Bearer /, '') ?? '';
    const response = (await routes[path]?.(body, token, disconnected.signal)) ?? createRefusal(404, 'NOT_FOUND');
    respond(res, fault === 'lost' ? 'hang up' : { status: 200, ...response });
  });
  await once(http.listen(0, '127.0.0.1'), 'listening');
  const proxy = createTcpProxy((http.address() as AddressInfo).port);
  await once(proxy.server.listen(0, '127.0.0.1'), 'listening');
  const { port } = proxy.server.address() as AddressInfo;

  async function until<T>(find: () => T | undefined | false): Promise<T> {
    for (;;) {
      const value = find();
      if (value) return value;
      await once(changes, 'change');
    }
  }

  return {
    url: `http://127.0.0.1:${port}`,
    checkIns,
    until,
    /** Returns the number of requests to a path. */
    count: (path: string) => counts.get(path) ?? 0,
    newCode(instanceId: string = randomUUID(), tenantId: string = TENANT_ID) {
      const code = randomUUID();
      codes.set(code, { tenantId, instanceId });
      return code;
    },
    setDesired(next: Partial<CheckInResponse['desired']>) {
      desired = { ...desired, ...next };
      changes.emit('change');
    },
    /** Sets the function that decides which requests fail. */
    injectFault(next: typeof findFault) {
      findFault = next;
    },
    offerUpgrade(path: string) {
      upgrade = path;
    },
    /** Deletes the instance and its token. */
    deleteInstance() {
      tokens.clear();
      changes.emit('change');
    },
    /** Stalls all open connections. Neither end gets an error. */
    stallConnections: proxy.stall,
    /**
     * Sends a request through the bridge's next check-in, and waits for its response. When there is none two check-ins
     * later, the response to the check-in was lost, and the request is sent again, as by a client of the real server.
     */
    async request(method: BridgeRequest['method'], path: string, body?: BridgeRequest['body']): Promise<Response> {
      for (;;) {
        const id = randomUUID();
        pendingRequests.push({ id, method, path, body });
        changes.emit('change');
        const isLost = () => checkIns.length - (deliveredIn.get(id) ?? checkIns.length) >= 2;
        await until(() => responses.has(id) || isLost());
        const response = responses.get(id);
        if (response) return response;
      }
    },
    waitForRunning: (matches: (running: NonNullable<CheckIn['running']>) => boolean) =>
      until(() => checkIns.slice(-1).find(({ running }) => running && matches(running))),
    waitForIdle: () => until(() => checkIns.at(-1)?.running === null),
    async [Symbol.asyncDispose]() {
      proxy.server.close();
      http.close();
      http.closeAllConnections();
    },
  };
}
export type RemoteServer = Awaited<ReturnType<typeof remoteServer>>;

export const createModel = (provider: 'server' | 'scripted') => ({ provider, name: null, baseUrl: null, key: null });

/** Creates a TCP proxy whose connections can be stalled. */
function createTcpProxy(port: number) {
  const stallers = new Set<() => void>();
  const server = createTcpServer((near) => {
    const far = connect(port, '127.0.0.1');
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on('error', () => to.destroy()).pipe(to);
      from.on('close', () => to.destroy());
    }
    stallers.add(() => {
      for (const end of [near, far]) end.unpipe().resume();
    });
  });
  return {
    server,
    stall() {
      for (const stallConnection of stallers) stallConnection();
      stallers.clear();
    },
  };
}

const createRefusal = (status: number, reason: string) => ({
  status,
  body: { reason, message: `The server says ${reason}.` },
});
