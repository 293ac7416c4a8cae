import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { reconcileTask } from '@it0/api/agent/dispatch/reconcile-task';
import { ensureOwner } from '@it0/api/auth/first-start';
import { createSignInLink } from '@it0/api/auth/sign-in-link';
import type { Services } from '@it0/api/context';
import { startJobWorker } from '@it0/api/jobs/job-worker';
import { DEFAULT_EVENT_DAYS } from '@it0/api/retention/delete-old-events';
import { delay } from '@it0/node/delay';
import { writeOrigin } from './address-file.ts';
import { findLocalOrigin, toBrowserOrigin, toSignInUrl } from './addresses.ts';
import { openCore } from './core.ts';
import { findDiskShortage } from './disk-shortage.ts';
import { createHttpApp } from './http/app.ts';
import { createIngress } from './http/ingress.ts';
import { DEFAULT_LIMITS } from './http/limits.ts';
import { listen } from './http/listener.ts';
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
  /**
   * Stops everything in order and within a time limit: is not ready, and stops the local instances; refuses connections,
   * asks clients to reconnect, and ends running requests; then releases its leases and leaves the cluster. Idempotent.
   */
  close(): Promise<void>;
};

/** Time limit of a stop after `drainMs`: 20 s for the instances, and 10 s for all else. */
export const CLOSE_MS = 30_000;

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
  const { host, dataDir, drainMs = 0 } = options;
  const { core, cluster } = await openCore(options, resources);
  const metrics = resources.use(createMetrics(core));
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const local = createInstanceHost(options);
  const services = await createServices({ options, core, limits, metrics: metrics.tasks, local, resources });
  const uploads = join(dataDir, 'uploads');
  await startJobs({ options, services, metrics, uploads, resources });

  const deps = { services, ingress: createIngress(options), limits };
  const [draining, stopping] = [new AbortController(), new AbortController()];
  const operations = {
    draining: draining.signal,
    ...{ metrics, metricsToken: options.metricsToken, readiness: createReadinessCheck({ ...core, cluster }) },
    findDiskShortage: () => findDiskShortage(dataDir, options.diskFloorMb),
  };
  const owner = await ensureOwner(services);
  const app = createHttpApp(deps, { operations, stopping: stopping.signal, uploads, webDir: options.webDir });
  const isProxied = (options.trustedProxies ?? []).length > 0;
  const http = resources.use(await listen(app, { host, port: options.port, isProxied }));
  const address = http.server.address() as AddressInfo;
  const localOrigin = await findLocalOrigin(address);
  resources.use(writeOrigin(dataDir, localOrigin));
  services.dispatcher.start(reconcileTask(services, localOrigin));
  resources.use(serveWebSocket(http.server, deps));
  resources.defer(async () => {
    await http.refuse();
    stopping.abort();
  });
  const { localDriver, assistant } = options;
  const instances =
    localDriver && (await startReconciler({ ...services, local }, cluster, { dataDir, localDriver, assistant }));
  // First of all, so that the bridges can report until they stop.
  resources.defer(async () => {
    draining.abort();
    await Promise.all([delay(drainMs), instances?.[Symbol.asyncDispose]()]);
  });

  const { port } = address;
  let closing: Promise<void> | undefined;
  return {
    ...{ url: toBrowserOrigin({ host, port }), port },
    services,
    createSignInLink: async () => toSignInUrl({ ...options, port }, await createSignInLink(core.db, owner.userId)),
    close: () => (closing ??= waitAtMost(drainMs + CLOSE_MS, resources.disposeAsync())),
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

/** Resolves when `work` is done or the time is over. */
const waitAtMost = async (ms: number, work: Promise<void>) => {
  const deadline = AbortSignal.timeout(ms);
  await Promise.race([work, new Promise<void>((resolve) => deadline.addEventListener('abort', () => resolve()))]);
};
