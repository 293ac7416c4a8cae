import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeDue } from '@it0/api/agent/dispatch/dispatch-table';
import { createKeys } from '@it0/api/keys';
import { sharedCompileCache } from '@it0/bridge/testing/compile-cache';
import { createDatabase } from '@it0/db/database';
import type { EmbeddedPostgres } from '@it0/db/embedded';
import { findPostmaster } from '@it0/db/embedded/postmaster';
import { quoteTenantSchema } from '@it0/db/sql';
import { findFreePort } from '@it0/node/free-port';
import { hashToken } from '@it0/node/token';
import { newPerson } from '@it0/tests/support/person';
import { startRedis } from '@it0/tests/support/redis';
import { until } from '@it0/tests/support/until';
import { autoPatterns } from '../gateway/job.ts';
import { httpGate } from './http-gate.ts';
import { isResponding, type Process, startProcess } from './process.ts';
import type { Random } from './random.ts';
import { tcpProxy } from './tcp-proxy.ts';

export type ClusterOptions = {
  folder: string;
  /** The Postgres for the cluster's database. */
  postgres: Pick<EmbeddedPostgres, 'url'> & { data: string };
  random: Random;
  servers?: number;
  /** Whether the servers use a separate Redis as their bus instead of the database. */
  redis?: boolean;
  /** Whether the bridge starts a real gateway instead of the fake one. */
  realGateway?: boolean;
  /** How long an approval may stay pending; the bridge's default if omitted. */
  approvalMs?: number;
  /** Arguments of Node before the program's name. */
  serverArgs?: string[];
  bridgeArgs?: string[];
  /** Whether the bridge is unreachable: it enrolls, and polls for requests. */
  isPolling?: boolean;
  /** The program that runs the bridge, when it is not Node itself. */
  bridgeRunner?: string[];
};

export type Cluster = Awaited<ReturnType<typeof startCluster>>;

const main = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const gatewayMain = fileURLToPath(new URL('../gateway/main.ts', import.meta.url));
const node = process.execPath;

/**
 * Starts a complete installation: servers, a bridge and its gateway on a new database, connected by proxies that can
 * disturb every link.
 */
export async function startCluster(options: ClusterOptions) {
  const { folder, postgres, random, servers: count = 2 } = options;
  mkdirSync(folder, { recursive: true });
  const stack = new AsyncDisposableStack();
  const database = await newDatabase(postgres.url);
  stack.defer(() => database.drop());
  const secrets = [randomUUID() as string, randomUUID() as string];
  const seeded = await seed(database.url, secrets[0]!);
  const { db, owner, instanceId, bridgeSecret, cookie, keys } = seeded;
  stack.use(db);

  const redis = options.redis ? stack.use(await startRedis()) : null;
  const gatewayPort = await findFreePort();
  const gatewayLink = stack.adopt(await tcpProxy(() => gatewayPort), (proxy) => proxy.close());
  const gatewayFolder = join(folder, 'gateway');
  const tools = { port: await findFreePort(), token: randomUUID() as string };
  type IsReady = string | (() => Promise<boolean>);
  const run = async (name: string, args: string[], env: Record<string, string>, ready: IsReady) =>
    stack.adopt(
      await startProcess({
        command: args[0]!,
        args: args.slice(1),
        env,
        logFile: join(folder, `${name}.log`),
        isReady: typeof ready === 'string' ? () => isResponding(ready) : ready,
      }),
      (started) => started.kill(),
    );

  const gatewayArgs = [`${gatewayPort}`, gatewayFolder, `http://127.0.0.1:${tools.port}/mcp`, tools.token];
  const gateway = options.realGateway
    ? null
    : await run('gateway', [node, gatewayMain, ...gatewayArgs], {}, `http://127.0.0.1:${gatewayPort}`);

  const servers: Process[] = [];
  const serverPorts: number[] = [];
  for (let index = 0; index < count; index++) {
    const port = await findFreePort();
    serverPorts.push(port);
    const env = {
      BRIDGE_ALLOW: '127.0.0.1',
      DATABASE_URL: database.url,
      PORT: `${port}`,
      IT0_DATA: join(folder, `server-${index}`),
      IT0_SECRET: secrets[0]!,
      IT0_TASKS_PER_MINUTE: '1000000',
      IT0_CALLS_PER_MINUTE: '1000000',
      IT0_SOCKETS_PER_PERSON: '10000',
      LOG_LEVEL: 'info',
      ...(redis && { REDIS_URL: redis.url }),
    };
    const args = [node, ...(options.serverArgs ?? []), main('apps/server/src/main.ts')];
    servers.push(await run(`server-${index}`, args, env, `http://127.0.0.1:${port}`));
  }

  const bridgePort = await findFreePort();
  // Between servers and bridge: tasks pass one gate, callbacks the other.
  const callbackGate = stack.adopt(await httpGate(() => `http://127.0.0.1:${random.pick(serverPorts)}`), (gate) =>
    gate.close(),
  );
  const bridgeGate = stack.adopt(
    await httpGate(
      () => `http://127.0.0.1:${bridgePort}`,
      (request) => rerouteCallback(request, callbackGate.url),
    ),
    (gate) => gate.close(),
  );
  const bridgeFolder = join(folder, 'bridge');
  const compileCache = options.realGateway ? await sharedCompileCache() : '';
  const runBridge = (program: string, env: Record<string, string>, ready: IsReady, args: string[] = []) =>
    run(
      'bridge',
      [
        ...(options.bridgeRunner ?? []),
        node,
        ...(options.bridgeArgs ?? []),
        main(`apps/bridge/src/${program}`),
        ...args,
      ],
      {
        LOG_LEVEL: 'info',
        ...(options.realGateway && { BRIDGE_COMPILE_CACHE: compileCache }),
        ...(!options.realGateway && {
          OPENCLAW_URL: `ws://127.0.0.1:${gatewayLink.port}`,
          OPENCLAW_TOKEN: 'stand-in',
          BRIDGE_TOOLS_PORT: `${tools.port}`,
          BRIDGE_TOOLS_TOKEN: tools.token,
        }),
        ...(options.approvalMs && { BRIDGE_APPROVAL_MS: `${options.approvalMs}` }),
        ...env,
      },
      ready,
    );
  const { agentInstance } = db.tenant(owner.tenantId);
  const where = { id: instanceId };
  let bridge: Process;
  if (options.isPolling) {
    const code = await seeded.createEnrollment();
    const isRunning = async () => (await agentInstance.findUnique({ where }))?.status === 'RUNNING';
    const args = ['--server', callbackGate.url, '--enroll', code, '--dir', bridgeFolder];
    bridge = await runBridge('remote/main.ts', {}, isRunning, args);
  } else {
    await agentInstance.update({ where, data: { transport: 'direct', bridgeUrl: bridgeGate.url } });
    const env = { BRIDGE_DIR: bridgeFolder, BRIDGE_PORT: `${bridgePort}`, BRIDGE_SECRET: bridgeSecret };
    bridge = await runBridge('main.ts', env, `http://127.0.0.1:${bridgePort}/healthz`);
  }

  return {
    db,
    keys,
    owner,
    instanceId,
    cookie,
    servers,
    serverPorts,
    bridge,
    bridgeFolder,
    /** The owner's workspace. */
    workspace: join(bridgeFolder, 'workspaces', owner.id),
    gateway,
    gatewayLink,
    /** The history file of the fake gateway. */
    gatewayHistory: join(gatewayFolder, 'history.jsonl'),
    callbackGate,
    bridgeGate,
    redis,
    /** Kills Postgres, which restarts by itself. */
    async killPostgres() {
      const { pid } = await until(() => findPostmaster(postgres.data));
      process.kill(pid, 'SIGKILL');
    },
    /** Restarts every server with the other secret. */
    async changeSecret() {
      secrets.reverse();
      const change = { IT0_SECRET: secrets[0]!, IT0_SECRET_BEFORE: secrets[1]! };
      await Promise.all(servers.map((server) => server.kill()));
      await Promise.all(servers.map((server) => server.start(change)));
    },
    /** Sets the deadline of a task to now. */
    async passDeadline(taskId: string) {
      const schema = quoteTenantSchema(owner.tenantId);
      await db.pool.query(`UPDATE ${schema}."AgentTask" SET "deadline" = now() WHERE "id" = $1`, [taskId]);
      await makeDue(db.pool, { tenantId: owner.tenantId, taskId });
    },
    /** Creates a proxy that leads each connection to a random server. */
    async newLink() {
      return stack.adopt(await tcpProxy(() => random.pick(serverPorts)), (proxy) => proxy.close());
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** Replaces the callback URL of a task by the address of the gate. */
function rerouteCallback<T extends { path: string; body: string }>(request: T, gateUrl: string): T {
  if (request.path !== '/task-async') return request;
  const task = JSON.parse(request.body);
  const { pathname } = new URL(task.callbackUrl);
  return { ...request, body: JSON.stringify({ ...task, callbackUrl: gateUrl + pathname }) };
}

async function newDatabase(postgresUrl: string) {
  const name = `faults_${randomUUID().replaceAll('-', '')}`;
  const admin = createDatabase({ url: postgresUrl });
  await admin.pool.query(`CREATE DATABASE ${name}`);
  const url = new URL(postgresUrl);
  url.pathname = name;
  return {
    url: url.href,
    async drop() {
      await admin.pool.query(`DROP DATABASE ${name} WITH (FORCE)`).catch(() => {});
      await admin[Symbol.asyncDispose]();
    },
  };
}

/** Creates a tenant with a signed-in owner and a running instance, whose rules allow the `auto` commands. */
async function seed(url: string, secret: string) {
  const db = createDatabase({ url });
  const keys = createKeys(secret);
  await db.migrate();
  const tenantId = await db.createTenant({ name: 'Faults' });
  const owner = await newPerson(db, keys, { tenantId });
  const bridgeSecret = randomUUID();
  const { id: instanceId } = await db.tenant(tenantId).agentInstance.create({
    data: {
      id: randomUUID(),
      requestId: randomUUID(),
      ownerId: owner.id,
      name: 'Web cluster',
      engineType: 'openclaw',
      // The servers leave it alone: they only start and stop local instances.
      driver: 'remote',
      status: 'RUNNING',
      bridgeSecret: keys.seal(bridgeSecret),
    },
  });
  await db.tenant(tenantId).approvalRule.createMany({
    data: autoPatterns.map((pattern, position) => ({
      ...{ instanceId, position, kind: 'exec', pattern, action: 'allow', createdById: owner.id },
    })),
  });
  return {
    ...{ db, keys, owner, instanceId, bridgeSecret, cookie: owner.cookie },
    /** Makes the instance remote and returns an enrollment code for its bridge. */
    async createEnrollment() {
      const code = randomUUID() as string;
      const data = { driver: 'remote', status: 'DEPLOYING' } as const;
      await db.tenant(tenantId).agentInstance.update({ where: { id: instanceId }, data });
      const bridge = {
        codeHash: hashToken(code),
        codeExpiresAt: new Date(Date.now() + 3_600_000),
        codeMadeBy: owner.id,
      };
      await db.platform.remoteBridge.create({ data: { instanceId, tenantId, ...bridge } });
      return code;
    },
  };
}
