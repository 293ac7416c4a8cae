import { createServer as createHttpServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { reconcileTask } from '@it0/api/agent/dispatch/reconcile-task';
import { ensureOwner } from '@it0/api/auth/first-start';
import { createSignInLink } from '@it0/api/auth/sign-in-link';
import type { Services } from '@it0/api/context';
import { startJobWorker } from '@it0/api/jobs/job-worker';
import { DEFAULT_EVENT_DAYS } from '@it0/api/retention/delete-old-events';
import type { ErrorResponse } from '@it0/contracts/error-response';
import { refuseMalformedRequests } from '@it0/node/refuse-request';
import { writeOrigin } from './address-file.ts';
import { findLocalOrigin, toBrowserOrigin, toSignInUrl } from './addresses.ts';
import { openCore } from './core.ts';
import { findDiskShortage } from './disk-shortage.ts';
import { createHttpApp } from './http/app.ts';
import { createIngress } from './http/ingress.ts';
import { DEFAULT_LIMITS, REQUEST_TIMEOUTS_MS } from './http/limits.ts';
import { createInstanceHost } from './instances/instance-host.ts';
import { startReconciler } from './instances/reconciler.ts';
import { startBridgeLiveness } from './jobs/bridge-liveness.ts';
import { createJobKinds } from './jobs/job-kinds.ts';
import { startSecretRotation } from './jobs/secret-rotation.ts';
import { startUploadCleanup } from './jobs/upload-cleanup.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { createReadinessCheck } from './readiness.ts';
import type { ServerOptions } from './server-options.ts';
import { createServices } from './services.ts';
import { serveWebSocket } from './ws/server.ts';

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
  const resources = new AsyncDisposableStack();
  try {
    return await startServer(options, resources);
  } catch (error) {
    await resources.disposeAsync();
    throw error;
  }
}

async function startServer(options: ServerOptions, resources: AsyncDisposableStack): Promise<Server> {
  const { host, dataDir } = options;
  const { core, cluster } = await openCore(options, resources);
  const metrics = resources.use(createMetrics(core));
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const local = createInstanceHost(options);
  const services = await createServices({ options, core, limits, metrics: metrics.tasks, local, resources });
  const uploads = join(dataDir, 'uploads');
  await startJobs({ options, services, metrics, uploads, resources });

  const deps = { services, ingress: createIngress(options), limits };
  const operations = {
    ...{ metrics, metricsToken: options.metricsToken, readiness: createReadinessCheck({ ...core, cluster }) },
    findDiskShortage: () => findDiskShortage(dataDir, options.diskFloorMb),
  };
  const owner = await ensureOwner(services);
  const http = await listen(createHttpApp(deps, { operations, uploads, webDir: options.webDir }), options, resources);
  const address = http.address() as AddressInfo;
  const localOrigin = await findLocalOrigin(address);
  resources.use(writeOrigin(dataDir, localOrigin));
  services.dispatcher.start(reconcileTask(services, localOrigin));
  // The HTTP server closes after the instances, so that their bridges can report until they stop.
  const { localDriver, assistant } = options;
  if (localDriver)
    resources.use(await startReconciler({ ...services, local }, cluster, { dataDir, localDriver, assistant }));
  resources.use(serveWebSocket(http, deps));

  const { port } = address;
  let closing: Promise<void> | undefined;
  return {
    ...{ url: toBrowserOrigin({ host, port }), port },
    services,
    createSignInLink: async () => toSignInUrl({ ...options, port }, await createSignInLink(core.db, owner.userId)),
    close: () => (closing ??= waitAtMost(CLOSE_MS, resources.disposeAsync())),
  };
}

type JobParts = {
  options: ServerOptions;
  services: Services;
  metrics: Metrics;
  /** Folder of incoming files. */
  uploads: string;
  resources: AsyncDisposableStack;
};

/** Starts the work in the background. */
async function startJobs({ options, services, metrics, uploads, resources }: JobParts) {
  const { db, log, refusedTenants } = services;
  resources.use(await startSecretRotation(services));
  resources.use(startUploadCleanup(uploads, log));
  const kinds = createJobKinds(services, options.eventDays ?? DEFAULT_EVENT_DAYS);
  resources.use(await startJobWorker({ pool: db.pool, log, kinds, refusedTenants, onRun: metrics.recordJob }));
  resources.use(startBridgeLiveness(services));
}

/** Starts the HTTP server. */
async function listen(app: RequestListener, { host, port }: ServerOptions, resources: AsyncDisposableStack) {
  const http = createHttpServer(REQUEST_TIMEOUTS_MS, app);
  refuseMalformedRequests(http, (message): ErrorResponse => ({ reason: 'INVALID_INPUT', message }));
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject).listen(port, host, resolve);
  });
  resources.defer(async () => {
    const closed = new Promise((resolve) => http.close(resolve));
    http.closeAllConnections();
    await closed;
  });
  return http;
}

/** Resolves when `work` is done or the time is over. */
const waitAtMost = async (ms: number, work: Promise<void>) => {
  const deadline = AbortSignal.timeout(ms);
  await Promise.race([work, new Promise<void>((resolve) => deadline.addEventListener('abort', () => resolve()))]);
};
