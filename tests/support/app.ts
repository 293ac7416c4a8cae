import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recordAssistant } from '@it0/api/agent/assistant/assistant';
import type { AppRouter } from '@it0/api/router';
import type { BridgeHealth } from '@it0/contracts/bridge';
import { limits } from '@it0/contracts/limits';
import type { InstanceStatus } from '@it0/db/generated/tenant/enums';
import { createServer, type ServerOptions } from '@it0/server/server';
import { createTRPCClient, createWSClient, httpBatchLink, splitLink, wsLink } from '@trpc/client';
import { pino } from 'pino';
import { WebSocket } from 'ws';
import { type TestDatabase, testDatabase } from './database.ts';
import { newLogin, newPerson } from './person.ts';

export type TestApp = Awaited<ReturnType<typeof testApp>>;
export type TestUser = Awaited<ReturnType<TestApp['newUser']>>;

type TestAppOptions = Partial<Omit<ServerOptions, 'dataDir' | 'databaseUrl'>> & {
  /** The database, which is removed at the end; by default a new one. */
  database?: TestDatabase;
};
type NewUser = Omit<Partial<Parameters<typeof newPerson>[2]>, 'tenantId'> & { inTenant?: string };

/** What a client shows: a browser's cookie, a bearer token or an API key. */
export type Credentials = { cookie?: string; bearer?: string; apiKey?: string };

export function toAuthHeaders({ cookie, bearer, apiKey }: Credentials): Record<string, string> {
  if (cookie) return { cookie };
  if (bearer) return { authorization: `Bearer ${bearer}` };
  return apiKey ? { 'x-api-key': apiKey } : {};
}

/** The real server on a free port and a database of its own. */
export async function testApp({ log = pino({ level: 'silent' }), database: ready, ...given }: TestAppOptions = {}) {
  const database = ready ?? (await testDatabase());
  const dataDir = mkdtempSync(join(tmpdir(), 'it0-app-'));
  const options = {
    ...{ host: '127.0.0.1', port: 0 },
    dataDir,
    databaseUrl: database.url,
    secret: randomUUID(),
    log,
    ...given,
  };
  let server = await createServer(options);
  const url = given.host ? server.url : `http://localhost:${server.port}`;
  const { tenantId } = database;
  const tenant = database.tenant(tenantId);
  const closing: (() => unknown)[] = [];

  /** A person of the tenant, signed in: an owner unless told otherwise. */
  const newUser = ({ inTenant = tenantId, ...person }: NewUser = {}) =>
    newPerson(database, server.services.keys, { tenantId: inTenant, ...person });

  /** An instance of `owner`, running unless told otherwise. Its bridge is whatever answers at `bridgeUrl`. */
  async function newInstance(
    owner: { id: string; tenantId: string },
    { status = 'RUNNING' as InstanceStatus, bridgeUrl = 'http://127.0.0.1:61000' } = {},
  ) {
    return database.tenant(owner.tenantId).agentInstance.create({
      data: {
        id: randomUUID(),
        requestId: randomUUID(),
        ownerId: owner.id,
        name: 'Web cluster',
        engineType: 'openclaw',
        driver: 'test',
        status,
        bridgeUrl,
        bridgeSecret: server.services.keys.seal('bridge-secret'),
      },
    });
  }

  /** iAgent, running unless told otherwise, for everybody of this installation. */
  async function newAssistant({
    status = 'RUNNING' as InstanceStatus,
    bridgeUrl = 'http://127.0.0.1:61000',
    model = null as BridgeHealth['model'] | null,
  } = {}) {
    const secret = server.services.keys.seal('bridge-secret');
    const now = { status, reason: null, detail: null, bridgeUrl, model };
    await recordAssistant(database, 'claude-api', secret, now);
  }

  /** The real client, over http and the WebSocket, as this person or as nobody. */
  function client(who: Credentials = {}, at = url) {
    const headers = toAuthHeaders(who);
    const ws = createWSClient({
      url: `${at.replace('http', 'ws')}/ws/agent`,
      // A browser sends its cookie by itself; everybody else says who they are in the first message.
      WebSocket: class extends WebSocket {
        constructor(address: string) {
          super(address, { headers: who.cookie ? headers : {} });
        }
      } as unknown as typeof globalThis.WebSocket,
      connectionParams: who.cookie ? undefined : { token: who.bearer, apiKey: who.apiKey },
      lazy: { enabled: true, closeMs: 0 },
      retryDelayMs: () => 50,
    });
    closing.push(() => ws.close());
    return createTRPCClient<AppRouter>({
      links: [
        splitLink({
          condition: (operation) => operation.type === 'subscription',
          true: wsLink({ client: ws }),
          false: httpBatchLink({ url: `${at}/trpc`, headers, maxItems: limits.batchCalls }),
        }),
      ],
    });
  }

  return {
    url,
    secret: options.secret,
    dataDir,
    database,
    tenant,
    tenantId,
    get services() {
      return server.services;
    },
    newUser,
    /** One more device of somebody. */
    newLogin: (userId: string) => newLogin(database, server.services.keys, userId),
    newInstance,
    newAssistant,
    client,
    /** One more server on the same database. */
    async another(differently: TestAppOptions = {}) {
      const other = await createServer({ ...options, ...differently, port: 0 });
      closing.push(other.close);
      return other;
    },
    stop: () => server.close(),
    /** Stops the server and starts another one on the same port, data and database. */
    async restart() {
      await server.close();
      server = await createServer({ ...options, port: Number(new URL(url).port) });
    },
    async [Symbol.asyncDispose]() {
      for (const close of closing) await close();
      await server.close();
      await database[Symbol.asyncDispose]();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
