import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { AttachmentStore } from '@it0/api/agent/attachment/store';
import { createAllowList } from '@it0/api/agent/bridge/allow-list';
import type { BridgePackage } from '@it0/api/agent/bridge/compatibility';
import { createReportAppender } from '@it0/api/agent/dispatch/append-reports';
import { expediteAll } from '@it0/api/agent/dispatch/dispatch-table';
import { createDispatcher } from '@it0/api/agent/dispatch/dispatcher';
import { createLiveReplies } from '@it0/api/agent/dispatch/live-replies';
import { reconcileTask } from '@it0/api/agent/dispatch/reconcile-task';
import { type Model, SCRIPTED_MODEL } from '@it0/api/agent/instance/model-settings';
import { createTaskWriter } from '@it0/api/agent/task/task-writer';
import { createAuth, type Oidc } from '@it0/api/auth/auth';
import { ensureOwner } from '@it0/api/auth/first-start';
import type { SendMail } from '@it0/api/auth/mail';
import { createProvider } from '@it0/api/auth/provider/provider';
import { createRateLimits } from '@it0/api/auth/rate-limits';
import { createSignInLink } from '@it0/api/auth/sign-in-link';
import { createUserLookup } from '@it0/api/auth/user-lookup';
import type { Services } from '@it0/api/context';
import { startJobWorker } from '@it0/api/jobs/job-worker';
import { createKeys } from '@it0/api/keys';
import { DEFAULT_EVENT_DAYS } from '@it0/api/retention/delete-old-events';
import { createSharedReads } from '@it0/api/shared-reads';
import type { Isolation } from '@it0/contracts/bridge';
import type { ErrorResponse } from '@it0/contracts/error-response';
import { joinCluster } from '@it0/db/cluster';
import { createDatabase } from '@it0/db/database';
import { startEmbedded } from '@it0/db/embedded';
import { INTERNET, parseReach } from '@it0/node/reach';
import { refuseMalformedRequests } from '@it0/node/refuse-request';
import type { Logger } from 'pino';
import { writeOrigin } from './address-file.ts';
import { findLocalOrigin, toBrowserOrigin, toSignInUrl } from './addresses.ts';
import { createFolderStore } from './attachments/folder-store.ts';
import { openBus, toBusTrait, toSecretTrait } from './cluster.ts';
import { findDiskShortage } from './disk-shortage.ts';
import { createHttpApp } from './http/app.ts';
import { createIngress } from './http/ingress.ts';
import { DEFAULT_LIMITS, REQUEST_TIMEOUTS_MS, type ServerLimits } from './http/limits.ts';
import type { AssistantOptions } from './instances/assistant.ts';
import type { DriverOptions, LocalDriver } from './instances/drivers/driver.ts';
import { createInstanceHost } from './instances/instance-host.ts';
import { startReconciler } from './instances/reconciler.ts';
import { startBridgeLiveness } from './jobs/bridge-liveness.ts';
import { createJobKinds } from './jobs/job-kinds.ts';
import { startSecretRotation } from './jobs/secret-rotation.ts';
import { startUploadCleanup } from './jobs/upload-cleanup.ts';
import { createMetrics } from './metrics.ts';
import { createReadinessCheck } from './readiness.ts';
import { createOpenAiTranscriber, type TranscriberOptions } from './voice/openai-transcriber.ts';
import { startScriptedSpeech } from './voice/scripted-speech.ts';
import { serveWebSocket } from './ws/server.ts';

export type ServerOptions = {
  host: string;
  /** 0 for any free port. */
  port: number;
  /** Folder of the embedded database, and of all data outside a database. */
  dataDir: string;
  /** Replaces the embedded database. */
  databaseUrl?: string;
  /** Redis for events between servers on one database, instead of the database itself. */
  redisUrl?: string;
  /** Secret for encryption and signatures. */
  secret: string;
  /** Previous secret. Its data is re-encrypted, and its signatures are still accepted. */
  secretBefore?: string;
  /** Next secret. Its data and signatures are already accepted. */
  secretNext?: string;
  /** Public origin, when it differs from the listen address. */
  publicUrl?: string;
  /** Host name for sign-in on this machine, instead of `localhost`. */
  loginName?: string;
  /** Proxies whose report of a client's address is trusted. */
  trustedProxies?: string[];
  /** Secret that the nearest of these proxies sends. */
  proxySecret?: string;
  /** Limit of messages per minute and person. Defaults to 120. */
  tasksPerMinute?: number;
  /** Days for which the events of an ended task are stored; 0 for ever. */
  eventDays?: number;
  /** Overrides of the default limits. */
  limits?: Partial<ServerLimits>;
  /** Identity provider for sign-in. Requires `publicUrl`. */
  oidc?: Oidc;
  /** Sends mails. Without it, people pass links on themselves. */
  sendMail?: SendMail;
  /** Store of attachments. Defaults to the data folder. */
  attachments?: AttachmentStore;
  /** Bearer token for `/metrics`. Without it, `/metrics` responds only to this machine. */
  metricsToken?: string;
  /** Folder of the built web app. Without it, only the API is served. */
  webDir?: string;
  /** Allowed hosts of remote bridges: names, addresses and subnets, each with an optional port. */
  bridgeAllow?: string[];
  /** Allowed hosts of models: `internet`, or entries as in `bridgeAllow`. */
  modelAllow?: string[];
  /** Package of the bridge for other hosts. */
  bridgePackage?: BridgePackage;
  /** Driver of local instances. Without it, this server runs none. */
  localDriver?: (options: DriverOptions) => LocalDriver;
  /** Default model of instances. Defaults to the scripted model. */
  serverModel?: Model;
  /**
   * Isolation of local instances. Without isolation, only one tenant can have them. When undefined, it is not checked.
   */
  isolation?: Promise<Isolation | null>;
  /** Returns the memory available for instances, in bytes. */
  availableMemory?: () => Promise<number>;
  /** Free space in MB on the disk of the data folder below which agents run no commands. */
  diskFloorMb?: number;
  /** Speech recognition. Without it, there is no dictation. */
  speech?: TranscriberOptions | 'scripted';
  /** Engine and driver of iAgent. Without it, there is no iAgent. */
  assistant?: AssistantOptions;
  log: Logger;
  /** Receives the number of migrated tenants. */
  onProgress?: (done: number, total: number) => void;
};

export type Server = {
  /** Origin for a browser on this machine. */
  url: string;
  /** Listen port. */
  port: number;
  services: Services;
  /** Creates a one-time link that signs the first owner in. */
  createSignInLink(): Promise<string>;
  /** Stops everything in order and within a time limit. Idempotent. */
  close(): Promise<void>;
};

const CLOSE_MS = 15_000;

/** Starts a server. It accepts requests when this resolves. */
export async function createServer(options: ServerOptions): Promise<Server> {
  const { log, host, dataDir } = options;
  const resources = new AsyncDisposableStack();
  try {
    const databaseUrl = options.databaseUrl ?? (await embeddedDatabase());
    const db = resources.use(createDatabase({ url: databaseUrl }));
    const keys = createKeys(options.secret, { before: options.secretBefore, next: options.secretNext });
    const bus = resources.use(await openBus(options));
    const cluster = resources.use(
      await joinCluster({
        url: databaseUrl,
        traits: [toBusTrait(bus), toSecretTrait(keys)],
        onError: (error) => log.error({ err: error }, 'lost the connection to the cluster; reconnecting'),
        onServerLost: () =>
          void expediteAll(db.pool).catch((error: unknown) =>
            log.warn({ err: error }, 'tasks of a stopped server could not be rescheduled; they resume when due'),
          ),
      }),
    );
    const { failed } = await db.migrate(options.onProgress);
    for (const { tenantId, error } of failed) log.error({ err: error, tenantId }, 'a tenant could not be migrated');
    const refusedTenants = new Set(failed.map(({ tenantId }) => tenantId));

    const live = resources.use(createLiveReplies({ pool: db.pool, log }));
    const dispatcher = resources.use(createDispatcher({ pool: db.pool, log, refusedTenants }));
    const metrics = resources.use(createMetrics({ db, bus }));
    const users = createUserLookup(db.pool, keys);
    const { oidc, publicUrl, sendMail } = options;
    const identity = { platform: db.platform, keys, publicUrl };
    const local = createInstanceHost(options);
    const limits = { ...DEFAULT_LIMITS, ...options.limits };
    const services: Services = {
      local,
      bridgeAllow: createAllowList(options.bridgeAllow ?? []),
      modelReach: parseReach(options.modelAllow ?? [INTERNET]),
      bridgePackage: options.bridgePackage ?? null,
      serverModel: options.serverModel ?? SCRIPTED_MODEL,
      db,
      bus,
      keys,
      log,
      live,
      dispatcher,
      writeTask: createTaskWriter(db.pool),
      appendReports: createReportAppender(db.pool),
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
      attachments: options.attachments ?? createFolderStore(join(dataDir, 'attachments')),
      storageLimits: limits.storage,
      transcriber: await openTranscriber(),
      refusedTenants,
    };
    resources.use(await startSecretRotation(services));
    const uploads = join(dataDir, 'uploads');
    resources.use(startUploadCleanup(uploads, log));
    const kinds = createJobKinds(services, options.eventDays ?? DEFAULT_EVENT_DAYS);
    resources.use(await startJobWorker({ pool: db.pool, log, kinds, refusedTenants, onRun: metrics.recordJob }));
    resources.use(startBridgeLiveness(services));
    const deps = { services, ingress: createIngress(options), limits };
    const operations = {
      ...{ metrics, metricsToken: options.metricsToken, readiness: createReadinessCheck({ db, bus, cluster }) },
      findDiskShortage: () => findDiskShortage(dataDir, options.diskFloorMb),
    };
    const owner = await ensureOwner(services);

    const http = createHttpServer(
      REQUEST_TIMEOUTS_MS,
      createHttpApp(deps, { operations, uploads, webDir: options.webDir }),
    );
    refuseMalformedRequests(http, (message): ErrorResponse => ({ reason: 'INVALID_INPUT', message }));
    await new Promise<void>((resolve, reject) => {
      http.once('error', reject).listen(options.port, host, resolve);
    });
    resources.defer(async () => {
      const closed = new Promise((resolve) => http.close(resolve));
      http.closeAllConnections();
      await closed;
    });
    const address = http.address() as AddressInfo;
    const { port } = address;
    const localOrigin = await findLocalOrigin(address);
    resources.use(writeOrigin(dataDir, localOrigin));
    dispatcher.start(reconcileTask(services, localOrigin));
    // The HTTP server closes after the instances, so that their bridges can report until they stop.
    const { localDriver, assistant } = options;
    if (localDriver)
      resources.use(await startReconciler({ ...services, local }, cluster, { dataDir, localDriver, assistant }));
    resources.use(serveWebSocket(http, deps));

    let closing: Promise<void> | undefined;
    return {
      ...{ url: toBrowserOrigin({ host, port }), port },
      services,
      createSignInLink: async () => toSignInUrl({ ...options, port }, await createSignInLink(db, owner.userId)),
      close: () => (closing ??= waitAtMost(CLOSE_MS, resources.disposeAsync())),
    };
  } catch (error) {
    await resources.disposeAsync();
    throw error;
  }

  async function openTranscriber() {
    const { speech } = options;
    if (speech !== 'scripted') return speech ? createOpenAiTranscriber(speech) : null;
    const { url } = resources.use(await startScriptedSpeech());
    return createOpenAiTranscriber({ url, model: 'scripted', host: null });
  }

  async function embeddedDatabase() {
    const start = startEmbedded(join(dataDir, 'postgres'), (line) => log.debug({ line }, 'postgres'));
    return resources.adopt(await start, (embedded) => embedded.stop()).url;
  }
}

/** Resolves when `work` is done or the time is over. */
const waitAtMost = async (ms: number, work: Promise<void>) => {
  const deadline = AbortSignal.timeout(ms);
  await Promise.race([work, new Promise<void>((resolve) => deadline.addEventListener('abort', () => resolve()))]);
};
