import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recordAssistant } from '@it0/api/agent/assistant/assistant';
import type { AppRouter } from '@it0/api/router';
import type { BridgeHealth } from '@it0/contracts/bridge';
import type { Driver, InstanceStatus } from '@it0/contracts/instance';
import { limits } from '@it0/contracts/limits';
import { createServer } from '@it0/server/server';
import type { ServerOptions } from '@it0/server/server-options';
import { createTRPCClient, createWSClient, httpBatchLink, splitLink, wsLink } from '@trpc/client';
import { pino } from 'pino';
import { WebSocket } from 'ws';
import { type TestDatabase, testDatabase } from './database.ts';
import { newLogin, newPerson } from './person.ts';

export type TestApp = Awaited<ReturnType<typeof testApp>>;
export type TestUser = Awaited<ReturnType<TestApp['newUser']>>;

type TestAppOptions = Partial<Omit<ServerOptions, 'dataDir' | 'databaseUrl'>> & {
  /** The database, which is dropped at the end; a new one by default. */
  database?: TestDatabase;
};
type NewUser = Omit<Partial<Parameters<typeof newPerson>[2]>, 'tenantId'> & { inTenant?: string };

/** Credentials of a client: a browser's cookie, a bearer token or an API key. */
export type Credentials = { cookie?: string; bearer?: string; apiKey?: string };

export function toAuthHeaders({ cookie, bearer, apiKey }: Credentials): Record<string, string> {
  if (cookie) return { cookie };
  if (bearer) return { authorization: `Bearer ${bearer}` };
  return apiKey ? { 'x-api-key': apiKey } : {};
}

/** Starts the real server on a free port with its own database. */
export async function testApp({
  log = pino({ level: 'silent' }),
  database: existing,
  ...overrides
}: TestAppOptions = {}) {
  const database = existing ?? (await testDatabase());
  const dataDir = mkdtempSync(join(tmpdir(), 'it0-app-'));
  const options = {
    ...{ host: '127.0.0.1', port: 0 },
    dataDir,
    databaseUrl: database.url,
    secret: randomUUID(),
    log,
    ...overrides,
  };
  let server = await createServer(options);
  const url = overrides.host ? server.url : `http://localhost:${server.port}`;
  const { tenantId } = database;
  const tenant = database.tenant(tenantId);
  const closing: (() => unknown)[] = [];

  /** Creates a signed-in member of the tenant, an owner by default. */
  const newUser = ({ inTenant = tenantId, ...person }: NewUser = {}) =>
    newPerson(database, server.services.keys, { tenantId: inTenant, ...person });

  /**
   * Creates an instance of `owner`, running by default, whose bridge is at `bridgeUrl`. In a server with a local driver
   * it is `remote`, so that the driver leaves it alone.
   */
  async function newInstance(
    owner: { id: string; tenantId: string },
    { driver = 'local' as Driver, status = 'RUNNING' as InstanceStatus, bridgeUrl = 'http://127.0.0.1:61000' } = {},
  ) {
    return database.tenant(owner.tenantId).agentInstance.create({
      data: {
        id: randomUUID(),
        requestId: randomUUID(),
        ownerId: owner.id,
        name: 'Web cluster',
        engineType: 'openclaw',
        driver,
        transport: 'direct',
        status,
        bridgeUrl,
        bridgeSecret: server.services.keys.seal('bridge-secret'),
      },
    });
  }

  /** Creates iAgent, running by default, for all tenants of this installation. */
  async function newAssistant({
    status = 'RUNNING' as InstanceStatus,
    bridgeUrl = 'http://127.0.0.1:61000',
    model = null as BridgeHealth['model'] | null,
  } = {}) {
    const secret = server.services.keys.seal('bridge-secret');
    const now = { transport: 'direct', bridgeUrl, status, reason: null, detail: null, model } as const;
    await recordAssistant(database, 'claude-api', secret, now);
  }

  /** Creates the real client, over HTTP and the WebSocket, with these credentials or none. */
  function client(credentials: Credentials = {}, at = url) {
    const headers = toAuthHeaders(credentials);
    const ws = createWSClient({
      url: `${at.replace('http', 'ws')}/ws/agent`,
      // A browser sends its cookie by itself; other clients send their credentials in the first message.
      WebSocket: class extends WebSocket {
        constructor(address: string) {
          super(address, { headers: credentials.cookie ? headers : {} });
        }
      } as unknown as typeof globalThis.WebSocket,
      connectionParams: credentials.cookie ? undefined : { token: credentials.bearer, apiKey: credentials.apiKey },
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
    /** Signs a person in on another device. */
    newLogin: (userId: string) => newLogin(database, server.services.keys, userId),
    newInstance,
    newAssistant,
    client,
    /** Starts another server on the same database. */
    async another(changes: TestAppOptions = {}) {
      const other = await createServer({ ...options, ...changes, port: 0 });
      closing.push(other.close);
      return other;
    },
    /** Creates a link that signs in the first owner. */
    createSignInLink: () => server.createSignInLink(),
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
