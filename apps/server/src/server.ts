import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { AttachmentStore } from '@it0/api/agent/attachment/store';
import { createAllowList } from '@it0/api/agent/bridge/allow-list';
import type { BridgePackage } from '@it0/api/agent/bridge/compatibility';
import { createReportLog } from '@it0/api/agent/dispatch/append-reports';
import { createDispatcher, expediteAll } from '@it0/api/agent/dispatch/dispatcher';
import { createLiveReplies } from '@it0/api/agent/dispatch/live-replies';
import { reconcileTask } from '@it0/api/agent/dispatch/reconcile-task';
import { type Model, scriptedModel } from '@it0/api/agent/instance/model-settings';
import { createTaskLog } from '@it0/api/agent/task/create-task';
import { createAuth, type Oidc } from '@it0/api/auth/auth';
import { ensureOwner } from '@it0/api/auth/first-start';
import { createKeys } from '@it0/api/auth/keys';
import type { SendMail } from '@it0/api/auth/mail';
import { createProvider } from '@it0/api/auth/provider/provider';
import { createSignInLink } from '@it0/api/auth/sign-in-link';
import { createUserLookup } from '@it0/api/auth/user-lookup';
import type { Services } from '@it0/api/context';
import { createRateLimits } from '@it0/api/rate-limits';
import { createSharedReads } from '@it0/api/shared-reads';
import type { Isolation } from '@it0/contracts/bridge';
import { joinCluster } from '@it0/db/cluster';
import { createDatabase } from '@it0/db/database';
import { startEmbedded } from '@it0/db/embedded';
import { INTERNET, parseReach } from '@it0/node/reach';
import type { Logger } from 'pino';
import { writeOrigin } from './address-file.ts';
import { browserOrigin, findLocalOrigin, signInUrl } from './addresses.ts';
import { folderStore } from './attachments/folder-store.ts';
import { busTrait, openBus, secretTrait } from './cluster.ts';
import { findDiskShortage } from './disk-shortage.ts';
import { httpApp } from './http/app.ts';
import { createIngress } from './http/ingress.ts';
import { REQUEST_TIMEOUTS_MS, type ServerLimits, serverLimits } from './http/limits.ts';
import type { AssistantOptions } from './instances/assistant.ts';
import type { Driver, DriverOptions } from './instances/drivers/driver.ts';
import { createInstanceHost, startReconciler } from './instances/reconciler.ts';
import { keepSwept } from './jobs/attachment-cleanup.ts';
import { startBridgeLiveness } from './jobs/bridge-liveness.ts';
import { rotateSecret } from './jobs/secret-rotation.ts';
import { createMetrics } from './metrics.ts';
import { readiness } from './readiness.ts';
import { serveWebSocket } from './ws/server.ts';

export type ServerOptions = {
  host: string;
  /** 0 for any free one. */
  port: number;
  /** Where everything is kept that is not in the database, and the embedded database itself. */
  dataDir: string;
  /** Replaces the embedded database. */
  databaseUrl?: string;
  /** What carries events among the servers on one database, instead of the database itself. */
  redisUrl?: string;
  /** Everything sealed and signed depends on it. */
  secret: string;
  /** The secret there was before: what it sealed is sealed anew, and what it signed is still taken. */
  secretBefore?: string;
  /** The secret there will be: what it sealed and signed is taken already. */
  secretNext?: string;
  /** Where people reach the server, when that is not where it listens. */
  publicUrl?: string;
  /** Host name for sign-in on this machine, instead of `localhost`. */
  loginName?: string;
  /** Whose word about a client's address counts. */
  trustedProxies?: string[];
  /** The secret that the nearest of these proxies sends. */
  proxySecret?: string;
  /** How many messages a person may send a minute. */
  tasksPerMinute?: number;
  /** Overrides of the limits per person. */
  limits?: Partial<ServerLimits>;
  /** Lets people sign in with an identity from elsewhere too; it needs `publicUrl`. */
  oidc?: Oidc;
  /** Without it, links go from hand to hand. */
  sendMail?: SendMail;
  /** Where attachments are kept, when that is not the data folder. */
  attachments?: AttachmentStore;
  /** What `/metrics` asks for; without one it answers this machine alone. */
  metricsToken?: string;
  /** The built page; without it only the API answers. */
  webDir?: string;
  /** Where bridges on other hosts may be reached: names, addresses and subnets, with or without a port. */
  bridgeAllow?: string[];
  /** Allowed hosts of models: `internet`, and the same kinds of entries. */
  modelAllow?: string[];
  /** What other hosts run. */
  bridgePackage?: BridgePackage;
  /** Runs the instances that live beside this server; without it nobody does. */
  localDriver?: (options: DriverOptions) => Driver;
  /** What they answer with that have no model of their own; without it the scripted one. */
  serverModel?: Model;
  /** Isolation of local instances. With none, only one tenant can have them; when undefined, it is not checked. */
  isolation?: Promise<Isolation | null>;
  /** How much memory this machine has left for instances, in bytes. */
  availableMemory?: () => Promise<number>;
  /** Free space in MB on the disk of the data folder, below which agents run no command. */
  diskFloorMb?: number;
  /** Runs iAgent beside them; without it there is none. */
  assistant?: AssistantOptions;
  log: Logger;
  /** Told how far the tenants have been brought up to date, where that takes long. */
  onProgress?: (done: number, all: number) => void;
};

export type Server = {
  /** The origin for a browser on this machine. */
  url: string;
  /** Where it listens. */
  port: number;
  services: Services;
  /** A fresh one-time link that signs the first owner in. */
  signInLink(): Promise<string>;
  /** Ordered and bounded; called twice, it is done once. */
  close(): Promise<void>;
};

const CLOSE_MS = 15_000;

export async function createServer(options: ServerOptions): Promise<Server> {
  const { log, host, dataDir } = options;
  const undo = new AsyncDisposableStack();
  try {
    const databaseUrl = options.databaseUrl ?? (await embeddedDatabase());
    const db = createDatabase({ url: databaseUrl });
    undo.defer(() => db.close());
    const keys = createKeys(options.secret, { before: options.secretBefore, next: options.secretNext });
    const bus = await openBus(options);
    undo.defer(() => bus.close());
    const servers = await joinCluster({
      url: databaseUrl,
      traits: [busTrait(bus), secretTrait(keys)],
      onTrouble: (error) => log.error({ err: error }, 'this server has lost the others on its database; trying again'),
      onFewer: () =>
        void expediteAll(db.pool).catch((error: unknown) =>
          log.warn({ err: error }, 'the tasks of a server that is gone wait for their time'),
        ),
    });
    undo.defer(() => servers.close());
    const { failed } = await db.migrate(options.onProgress);
    for (const { tenantId, error } of failed) log.error({ err: error, tenantId }, 'a tenant could not be migrated');
    const refusedTenants = new Set(failed.map(({ tenantId }) => tenantId));

    const live = createLiveReplies({ pool: db.pool, log });
    undo.defer(() => live.close());
    const dispatcher = createDispatcher({ pool: db.pool, log, refusedTenants });
    undo.defer(() => dispatcher.close());
    const metrics = createMetrics({ db, bus });
    undo.defer(() => metrics.close());
    const users = createUserLookup(db.pool, keys);
    const { oidc, publicUrl, sendMail } = options;
    const identity = { platform: db.platform, keys, publicUrl };
    const local = createInstanceHost(options);
    const limits = { ...serverLimits, ...options.limits };
    const services: Services = {
      local,
      bridgeAllow: createAllowList(options.bridgeAllow ?? []),
      modelReach: parseReach(options.modelAllow ?? [INTERNET]),
      bridgePackage: options.bridgePackage ?? null,
      serverModel: options.serverModel ?? scriptedModel,
      db,
      bus,
      keys,
      log,
      live,
      dispatcher,
      writeTask: createTaskLog(db.pool),
      appendReports: createReportLog(db.pool),
      metrics: metrics.tasks,
      findUser: users.find,
      refreshUser: users.refreshUser,
      auth: createAuth(identity),
      provider: oidc && publicUrl ? createProvider({ ...identity, oidc, publicUrl }) : null,
      signInMethods: {
        ...{ oidc: oidc !== undefined && publicUrl !== undefined, mail: sendMail !== undefined },
        address: publicUrl?.startsWith('https:') ? new URL(publicUrl).origin : undefined,
      },
      sendMail,
      rateLimits: createRateLimits({ pool: db.pool, keys, tasksPerMinute: options.tasksPerMinute ?? 120, ...limits }),
      sharedReads: createSharedReads(),
      attachments: options.attachments ?? folderStore(join(dataDir, 'attachments')),
      storageLimits: limits.storage,
      refusedTenants,
    };
    const leaving = await rotateSecret(services);
    undo.defer(() => leaving.close());
    const uploads = join(dataDir, 'uploads');
    const sweeping = keepSwept(services, uploads);
    undo.defer(() => sweeping.close());
    const hearing = startBridgeLiveness(services);
    undo.defer(() => hearing.close());
    const known = { services, ingress: createIngress(options), limits };
    const operations = {
      ...{ metrics, metricsToken: options.metricsToken, readiness: readiness({ db, bus, servers }) },
      findDiskShortage: () => findDiskShortage(dataDir, options.diskFloorMb),
    };
    const owner = await ensureOwner(services);

    const http = createHttpServer(REQUEST_TIMEOUTS_MS, httpApp(known, { operations, uploads, webDir: options.webDir }));
    await new Promise<void>((resolve, reject) => {
      http.once('error', reject).listen(options.port, host, resolve);
    });
    undo.defer(async () => {
      const closed = new Promise((resolve) => http.close(resolve));
      http.closeAllConnections();
      await closed;
    });
    const address = http.address() as AddressInfo;
    const { port } = address;
    const localOrigin = await findLocalOrigin(address);
    const originFile = writeOrigin(dataDir, localOrigin);
    undo.defer(() => originFile.close());
    dispatcher.start(reconcileTask(services, localOrigin));
    // While the instances stop, their bridges can still report.
    const { localDriver, assistant } = options;
    if (localDriver)
      undo.use(await startReconciler({ ...services, local }, servers, { dataDir, localDriver, assistant }));
    const sockets = serveWebSocket(http, known);
    undo.defer(() => sockets.close());

    let closing: Promise<void> | undefined;
    return {
      ...{ url: browserOrigin({ host, port }), port },
      services,
      signInLink: async () => signInUrl({ ...options, port }, await createSignInLink(db, owner.userId)),
      close: () => (closing ??= within(CLOSE_MS, undo.disposeAsync())),
    };
  } catch (error) {
    await undo.disposeAsync();
    throw error;
  }

  async function embeddedDatabase() {
    const embedded = await startEmbedded(join(dataDir, 'postgres'), (line) => log.debug({ line }, 'postgres'));
    undo.defer(() => embedded.stop());
    return embedded.url;
  }
}

const within = async (ms: number, work: Promise<void>) => {
  const deadline = AbortSignal.timeout(ms);
  await Promise.race([work, new Promise<void>((resolve) => deadline.addEventListener('abort', () => resolve()))]);
};
