import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { createKeys } from '@it0/api/keys';
import type { AppRouter } from '@it0/api/router';
import { createFastFailWebSocket } from '@it0/client/fast-fail-web-socket';
import { CALLBACK_PATH, TaskRequest } from '@it0/contracts/bridge';
import { findFreePort } from '@it0/node/free-port';
import { formatNginxConfig } from '@it0/server/gateway/nginx-config';
import { GATEWAY_ROUTES } from '@it0/server/gateway/routes';
import { createTRPCClient, createWSClient, httpLink, splitLink, wsLink } from '@trpc/client';
import { expect } from 'vitest';
import { type Process, startProcess } from '../faults/harness/process.ts';
import { testDatabase } from './database.ts';
import { follow } from './follow.ts';
import { startNginx } from './nginx.ts';
import { dataFolder } from './npm-start.ts';
import { newPerson } from './person.ts';
import { until } from './until.ts';

const main = fileURLToPath(new URL('../../apps/server/src/main.ts', import.meta.url));
/** Deltas of each reply. */
const DELTAS = 5;

type Options = {
  clients: number;
  drainSeconds: number;
  /** Environment of the servers, in addition to what they need. */
  env?: Record<string, string>;
  /** Time between two messages of a client, in milliseconds. */
  pauseMs?: number;
};

/**
 * Starts two server processes behind nginx, with clients that send messages and follow their replies, and a bridge that
 * answers. Nothing that fails is repeated, but for the connection of a stream.
 */
export async function startRollingInstallation({ clients: count, drainSeconds, env, pauseMs = 0 }: Options) {
  const stack = new AsyncDisposableStack();
  const database = stack.use(await testDatabase());
  const folder = stack.use(dataFolder()).path;
  const secret = randomUUID() + randomUUID();
  const failures: string[] = [];
  /** Durations of the requests in milliseconds. */
  const durations: number[] = [];

  const ports: [number, number] = [await findFreePort(), await findFreePort()];
  const start = (port: number) =>
    startProcess({
      command: process.execPath,
      args: [main],
      env: {
        ...{
          DATABASE_URL: database.url,
          IT0_SECRET: secret,
          IT0_DATA: folder,
          PORT: `${port}`,
          TRUST_PROXY: 'loopback',
        },
        ...{ BRIDGE_ALLOW: '127.0.0.1', IT0_ASSISTANT: 'off', IT0_DRAIN_SECONDS: `${drainSeconds}` },
        ...{ IT0_TASKS_PER_MINUTE: '100000', IT0_CALLS_PER_MINUTE: '100000', IT0_SOCKETS_PER_PERSON: '1000' },
        ...env,
      },
      logFile: join(folder, `server-${port}.log`),
      isReady: () =>
        fetch(`http://127.0.0.1:${port}/readyz`).then(
          ({ ok }) => ok,
          () => false,
        ),
    });
  const servers: Process[] = [];
  for (const port of ports) servers.push(stack.adopt(await start(port), (server) => server.kill()));
  // A server is skipped for a shorter time than it drains, as it has to be.
  const config = formatNginxConfig(GATEWAY_ROUTES).replaceAll('fail_timeout=5s', `fail_timeout=${drainSeconds / 2}s`);
  const nginx = stack.use(await startNginx(config, ports));
  const { url } = nginx;
  const bridge = stack.use(await startEchoBridge(url, (failure) => failures.push(failure)));

  const keys = createKeys(secret);
  const user = await newPerson(database, keys, { tenantId: database.tenantId });
  const instance = await database.tenant(database.tenantId).agentInstance.create({
    data: {
      ...{ id: randomUUID(), requestId: randomUUID(), ownerId: user.id, name: 'Web cluster', engineType: 'openclaw' },
      ...{ driver: 'remote', transport: 'direct', status: 'RUNNING', bridgeUrl: bridge.url },
      bridgeSecret: keys.seal('bridge-secret'),
    },
  });

  const end = new AbortController();
  /** Sends messages and waits for each reply on one stream until the end. Returns the events. */
  async function runClient() {
    const { client, close } = connect(url, user.bearer);
    const send = async (sessionId?: string) => {
      const startedAt = performance.now();
      const task = { instanceId: instance.id, sessionId, message: 'x', requestId: randomUUID() };
      const created = await client.instance.createTask.mutate(task).catch((error: Error) => {
        failures.push(`createTask: ${error.message}`);
        return null;
      });
      durations.push(performance.now() - startedAt);
      return created;
    };
    const first = await send();
    if (!first) return { sent: [], events: [], errors: [] };
    const sent = [first.taskId];
    const stream = follow(client, first.sessionId, '0');
    const hasReply = (taskId: string) =>
      stream.durable().some((event) => event.type === 'completed' && event.taskId === taskId);
    /** Waits for the reply to the last message. Without one, its task and the failures say why. */
    const waitForReply = () =>
      until(() => hasReply(sent.at(-1)!)).catch(async () => {
        const task = await database.tenant(database.tenantId).agentTask.findUnique({ where: { id: sent.at(-1)! } });
        throw new Error(
          `No reply: ${task?.status}, ${JSON.stringify(stream.durable().at(-1))}, ${stream.errors.join(', ')}, ${failures.join(', ')}`,
        );
      });
    while (!end.signal.aborted) {
      await waitForReply();
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      const next = await send(first.sessionId);
      if (next) sent.push(next.taskId);
    }
    await waitForReply();
    const events = stream.durable();
    stream.end();
    await close();
    return { sent, events, errors: stream.errors };
  }

  const clients: ReturnType<typeof runClient>[] = [];
  for (let n = 0; n < count; n++) {
    clients.push(runClient());
    // Not all at once: nginx limits the WebSockets that an address opens.
    if (n % 50 === 49) await until(() => durations.length > n);
  }

  return {
    failures,
    /** Errors that nginx has logged. */
    gatewayErrors: nginx.errors,
    durations,
    servers,
    /** Number of finished requests. */
    requests: () => durations.length + bridge.reports(),
    /** Restarts the servers one after the other. */
    async restartAll() {
      for (const server of servers) {
        await server.kill('SIGTERM');
        if (server.exitCode !== 0) failures.push(`a server ended with ${server.exitCode}`);
        await server.start();
      }
    },
    /** Waits for the last replies. Returns the sent tasks and the received events of each client. */
    async finish() {
      end.abort();
      return Promise.all(clients);
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** Ends the clients, and checks that each got the reply to everything it sent, and every event once and in order. */
export async function expectNothingLost({ failures, gatewayErrors, finish }: RollingInstallation) {
  const clients = await finish();
  expect(failures, gatewayErrors()).toEqual([]);
  for (const { sent, events, errors } of clients) {
    expect(errors).toEqual([]);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    expect(events.filter(({ type }) => type === 'completed').map(({ taskId }) => taskId)).toEqual(sent);
  }
}
type RollingInstallation = Awaited<ReturnType<typeof startRollingInstallation>>;

/** Connects a client that repeats no request, and that reconnects its WebSocket like the page. */
function connect(url: string, bearer: string) {
  const ws = createWSClient({
    url: `${url.replace('http', 'ws')}/ws/agent`,
    WebSocket: createFastFailWebSocket(WebSocket),
    connectionParams: { token: bearer },
    retryDelayMs: () => 50,
  });
  const headers = { authorization: `Bearer ${bearer}` };
  const client = createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: ({ type }) => type === 'subscription',
        true: wsLink({ client: ws }),
        false: httpLink({ url: `${url}/trpc`, headers }),
      }),
    ],
  });
  return { client, close: () => ws.close() };
}

type Credential = Pick<TaskRequest, 'taskId' | 'callbackToken'>;

/** Starts a bridge that answers every task with some deltas, and reports to the gateway. */
async function startEchoBridge(gateway: string, onFailure: (failure: string) => void) {
  let reports = 0;
  async function report({ taskId, callbackToken }: Credential, ...events: object[]): Promise<void> {
    const response = await fetch(gateway + CALLBACK_PATH, {
      method: 'POST',
      headers: { authorization: `Bearer ${callbackToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ taskId, events }),
    }).catch((error: Error) => ({ status: `${error.cause ?? error}` }));
    reports++;
    if (response.status === 200) return;
    onFailure(`callback: ${response.status}`);
    // So that the clients end.
    await report({ taskId, callbackToken }, ...events);
  }
  async function answer(task: TaskRequest) {
    await report(task, { type: 'task', status: 'RUNNING', n: 1 });
    for (let n = 0; n < DELTAS; n++) await report(task, { type: 'text', offset: n * 5, delta: 'word ' });
    await report(task, { type: 'completed', text: 'word '.repeat(DELTAS), n: 2 });
  }
  const answered = new Set<string>();
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url!, 'http://bridge');
    // A server that takes over a task asks for its state. It ends without help.
    if (request.method === 'GET') {
      const taskId = pathname.split('/').at(-1)!;
      const state = { taskId, state: 'running', lastN: 1, ackedN: 1, callbackFailing: false };
      return response.writeHead(answered.has(taskId) ? 200 : 404).end(JSON.stringify(state));
    }
    const task = TaskRequest.parse(await json(request));
    response.writeHead(202).end('{}');
    if (answered.has(task.taskId)) return;
    answered.add(task.taskId);
    void answer(task);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    reports: () => reports,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}
