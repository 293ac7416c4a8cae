import { startApproved } from '@it0/api/agent/approval/start-approved';
import {
  type DesiredInstance,
  deleteInstanceRow,
  isDesiredRunning,
  isDraining,
  listDesired,
  NO_ADDRESS,
  readDesiredRevisions,
  recordInstanceChange,
  recordUsage,
} from '@it0/api/agent/instance/instance-records';
import type { Services } from '@it0/api/context';
import type { InstanceHost } from '@it0/api/instance-host';
import type { Isolation } from '@it0/contracts/bridge';
import type { Cluster } from '@it0/db/cluster';
import { delay } from '@it0/node/delay';
import { every } from '@it0/node/every';
import { type AssistantOptions, startAssistant } from './assistant.ts';
import {
  type DriverOptions,
  type InstanceKey,
  type LocalDriver,
  toInstanceFolder,
  toInstanceKey,
} from './drivers/driver.ts';
import { readLogs } from './drivers/local/logs.ts';
import { availableMemory } from './drivers/local/memory.ts';
import { moveFolders } from './drivers/local/move-folders.ts';

/** Interval at which changes made through other servers, and removed tenants, are noticed. */
const RECONCILE_MS = 2_000;
/** Every nth pass also covers tenants without a change of desired state. */
const FULL_PASS_EVERY = 30;
/** Maximum time that a stop waits for running tasks to end, and the polling interval. */
const DRAIN = { maxMs: 20_000, pollMs: 250 };

type CreateLocalDriver = (options: DriverOptions) => LocalDriver;
type InstanceRef = { tenantId: string; id: string };

type HostOptions = {
  dataDir: string;
  availableMemory?: () => Promise<number>;
  isolation?: Promise<Isolation | null>;
};

/** Creates the API's view of this machine. It calls `onReconcile` when the desired state of an instance changes. */
export function createInstanceHost({
  dataDir,
  availableMemory: memory,
  isolation,
}: HostOptions): InstanceHost & { onReconcile(): void } {
  const host = {
    onReconcile() {},
    reconcileNow: () => host.onReconcile(),
    availableMemory: memory ?? availableMemory,
    isolation: async () => (await isolation) ?? null,
    logs: (tenantId: string, id: string) => readLogs(toInstanceFolder(dataDir, toInstanceKey(tenantId, id))),
  };
  return host;
}

type ReconcilerOptions = { dataDir: string; localDriver: CreateLocalDriver; assistant?: AssistantOptions };

/**
 * Runs the local instances and iAgent while this server is the leader. Of several servers on one database, one is the
 * leader, and another takes over when it stops.
 */
export async function startReconciler(
  services: Services & { local: { onReconcile(): void } },
  cluster: Cluster,
  { dataDir, localDriver, assistant }: ReconcilerOptions,
) {
  let running: AsyncDisposable | undefined;
  let transition = Promise.resolve();
  let isClosed = false;
  const setLeader = (isLeader: boolean) => {
    transition = transition
      .then(async () => {
        await running?.[Symbol.asyncDispose]();
        running = isLeader && !isClosed ? await startAll() : undefined;
      })
      .catch((error: unknown) =>
        services.log.error({ err: error }, 'the instances of this server could not be started'),
      );
  };
  async function startAll() {
    await moveFolders(services, dataDir);
    await using starting = new AsyncDisposableStack();
    const instances = starting.use(await startInstanceReconciler(services, dataDir, localDriver));
    services.local.onReconcile = instances.reconcileNow;
    starting.use(await startAssistant(services, dataDir, assistant));
    return starting.move();
  }
  await cluster.campaign(setLeader);
  await transition;
  return {
    async [Symbol.asyncDispose]() {
      isClosed = true;
      setLeader(false);
      await transition;
    },
  };
}

/** Brings instances to their desired state, records their status, and stops them when their tenant is removed. */
async function startInstanceReconciler(services: Services, dataDir: string, localDriver: CreateLocalDriver) {
  const { log } = services;
  /** Instances that were started here, with the revision of their desired state. */
  const started = new Map<InstanceKey, InstanceRef & { revision: number }>();
  /** Reconciliations in progress. */
  const inProgress = new Map<InstanceKey, Promise<void>>();
  /** Instances whose desired state may have changed during their reconciliation. */
  const stale = new Set<InstanceKey>();
  const closing = new AbortController();
  /** Latest reconciled revision of each tenant. */
  let reconciled = new Map<string, number>();
  /** Tenants of all previous passes. */
  const tenants = new Set<string>();
  let writes = Promise.resolve();
  let passes = 0;

  /** Queues a write, so that changes are recorded in order. */
  function enqueueWrite(key: InstanceKey, write: (ref: InstanceRef) => Promise<void>) {
    const ref = started.get(key);
    // A stop with the server is not recorded, since the next leader starts the instances again.
    if (closing.signal.aborted || !ref) return;
    const { tenantId, id: instanceId } = ref;
    writes = writes
      .then(() => write(ref))
      .catch((error: unknown) =>
        log.error({ err: error, tenantId, instanceId }, 'the status of an instance could not be recorded'),
      );
  }
  const driver = localDriver({
    ...{ dataDir, log },
    onChange: (key, change) => enqueueWrite(key, (ref) => recordInstanceChange(services, ref, change)),
    async consumeApproval(key, request) {
      const ref = started.get(key);
      if (!ref) return 'The agent is being stopped.';
      return startApproved(services.db, { tenantId: ref.tenantId, instanceId: ref.id }, request);
    },
    onUsage: (key, usage) => enqueueWrite(key, (ref) => recordUsage(services, ref, usage)),
  });

  async function reconcile(desired: DesiredInstance) {
    const { id, tenantId, desiredState, revision, secret, model } = desired;
    const key = toInstanceKey(tenantId, id);
    const current = started.get(key);
    if (desiredState === 'RUNNING') {
      if (current?.revision === revision) return;
      if (current) await driver.stop(key);
      if (closing.signal.aborted) return;
      started.set(key, { tenantId, id, revision });
      driver.start({ key, secret, model });
      return;
    }
    if (current && desiredState === 'STOPPED') await waitForDrain(desired);
    if (closing.signal.aborted || (await isDesiredRunning(services, desired))) return;
    await driver.stop(key);
    await writes;
    started.delete(key);
    if (desiredState === 'STOPPED') await recordInstanceChange(services, desired, STOPPED_CHANGE);
    else {
      await driver.remove(key);
      await deleteInstanceRow(services, desired);
    }
    log.info({ tenantId, instanceId: id, desiredState }, 'an instance was stopped');
  }

  /** Waits until the running tasks of an instance have ended, it should run again, or the time is over. */
  async function waitForDrain(desired: DesiredInstance) {
    const end = Date.now() + DRAIN.maxMs;
    while (Date.now() < end && !closing.signal.aborted && (await isDraining(services, desired))) {
      await delay(DRAIN.pollMs, closing.signal);
    }
  }

  /** Starts a reconciliation, or repeats the one in progress afterwards. */
  function enqueue(desired: DesiredInstance) {
    const { id, tenantId } = desired;
    const key = toInstanceKey(tenantId, id);
    if (inProgress.has(key)) {
      stale.add(key);
      return;
    }
    const work = reconcile(desired)
      .catch((error: unknown) => {
        log.error({ err: error, tenantId, instanceId: id }, 'an instance could not be reconciled; retrying');
        reconciled.delete(tenantId);
      })
      .then(() => {
        inProgress.delete(key);
        if (!stale.delete(key)) return;
        reconciled.delete(tenantId);
        void loop.wake();
      });
    inProgress.set(key, work);
  }

  /**
   * Stops the instances of a removed tenant and deletes their folders. Only a tenant of a previous pass can disappear.
   */
  async function removeTenant(tenantId: string) {
    const isOfTenant = (key: InstanceKey) => key.startsWith(`${tenantId}/`);
    // The next pass tries again, when no reconciliation is in progress.
    if ([...inProgress.keys()].some(isOfTenant)) return;
    for (const key of started.keys()) if (isOfTenant(key)) started.delete(key);
    await driver.removeTenant(tenantId);
    tenants.delete(tenantId);
    log.info({ tenantId }, 'the instances of a removed tenant were stopped and their folders deleted');
  }

  /** Reconciles all instances of the tenants whose desired state has changed. */
  async function reconcileOnce() {
    const revisions = await readDesiredRevisions(services);
    for (const tenantId of tenants) if (!revisions.has(tenantId)) await removeTenant(tenantId);
    for (const tenantId of revisions.keys()) tenants.add(tenantId);
    const isFullPass = passes++ % FULL_PASS_EVERY === 0;
    const due = [...revisions]
      .filter(([id, revision]) => isFullPass || reconciled.get(id) !== revision)
      .map(([id]) => id);
    if (due.length === 0) return;
    const { desired, failed } = await listDesired(services, due);
    reconciled = new Map([...revisions].filter(([id]) => !failed.includes(id)));
    for (const instance of desired) enqueue(instance);
  }

  const loop = every({
    ms: RECONCILE_MS,
    run: reconcileOnce,
    onError: (error) => log.warn({ err: error }, 'the desired state of instances could not be read; retrying'),
  });
  await loop.wake();
  return {
    reconcileNow: () => void loop.wake(),
    async [Symbol.asyncDispose]() {
      closing.abort();
      await loop[Symbol.asyncDispose]();
      await driver[Symbol.asyncDispose]();
      await Promise.all(inProgress.values());
      await writes;
    },
  };
}

const STOPPED_CHANGE = { ...NO_ADDRESS, status: 'STOPPED', reason: null, detail: null, model: null } as const;
