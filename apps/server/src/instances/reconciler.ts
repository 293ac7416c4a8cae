import { setTimeout as sleep } from 'node:timers/promises';
import { startApproved } from '@it0/api/agent/approval/start-approved';
import {
  type DesiredInstance,
  deleteInstanceRow,
  type InstanceHost,
  isDesiredRunning,
  isDraining,
  listDesired,
  readDesiredRevisions,
  recordInstanceChange,
  recordUsage,
} from '@it0/api/agent/instance/instance-records';
import type { Services } from '@it0/api/context';
import type { Isolation } from '@it0/contracts/bridge';
import type { Servers } from '@it0/db/cluster';
import { type AssistantOptions, startAssistant } from './assistant.ts';
import { type Driver, type DriverOptions, type InstanceKey, instanceFolder, instanceKey } from './drivers/driver.ts';
import { readLogs } from './drivers/local/logs.ts';
import { availableMemory } from './drivers/local/memory.ts';
import { moveFolders } from './drivers/local/move-folders.ts';

/** How soon it is noticed, in milliseconds, what people wanted by way of another server, and that a tenant was removed. */
const lookMs = 2_000;
/** Every so many looks at all tenants, also at those where nothing new is wanted. */
const looksToAll = 30;
/** How long a stop waits for what is running to end by itself. */
const drain = { mostMs: 20_000, lookMs: 250 };

type LocalDriver = (options: DriverOptions) => Driver;
type Place = { tenantId: string; id: string };

type HostOptions = {
  dataDir: string;
  availableMemory?: () => Promise<number>;
  isolation?: Promise<Isolation | null>;
};

/** What the API knows of this machine. `onReconcile` is called when something is wanted of an instance. */
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
    logs: (tenantId: string, id: string) => readLogs(instanceFolder(dataDir, instanceKey(tenantId, id))),
  };
  return host;
}

type Running = { dataDir: string; localDriver: LocalDriver; assistant?: AssistantOptions };

/**
 * Runs the instances that live beside this server, and iAgent, for as long as it is the one to do so: of several servers
 * on one database one does, and another takes over when it is gone.
 */
export async function startReconciler(
  services: Services & { local: { onReconcile(): void } },
  servers: Servers,
  { dataDir, localDriver, assistant }: Running,
) {
  let running: AsyncDisposable | undefined;
  let changing = Promise.resolve();
  let closed = false;
  const change = (leads: boolean) => {
    changing = changing
      .then(async () => {
        await running?.[Symbol.asyncDispose]();
        running = leads && !closed ? await startAll() : undefined;
      })
      .catch((error: unknown) => services.log.error({ err: error }, 'the instances of this server cannot be run'));
  };
  async function startAll() {
    await moveFolders(services, dataDir);
    await using starting = new AsyncDisposableStack();
    const instances = starting.use(await startInstances(services, dataDir, localDriver));
    services.local.onReconcile = instances.look;
    starting.use(await startAssistant(services, dataDir, assistant));
    return starting.move();
  }
  await servers.lead(change);
  await changing;
  return {
    async [Symbol.asyncDispose]() {
      closed = true;
      change(false);
      await changing;
    },
  };
}

/** Makes true what is wanted of the instances, keeps their rows true, and stops them when their tenant is gone. */
async function startInstances(services: Services, dataDir: string, localDriver: LocalDriver) {
  const { log } = services;
  /** What was started here, and for which revision. */
  const here = new Map<InstanceKey, Place & { revision: number }>();
  const busy = new Map<InstanceKey, Promise<void>>();
  /** Of which something else may be wanted by now than what is being done. */
  const skipped = new Set<InstanceKey>();
  const closing = new AbortController();
  let seen = new Map<string, number>();
  /** Tenants seen so far. */
  const tenants = new Set<string>();
  let writing = Promise.resolve();
  let looks = 0;

  /** One after the other, as they were told. */
  function write(key: InstanceKey, what: (place: Place) => Promise<void>) {
    const place = here.get(key);
    // That they stop with the server is not for the record: the next one starts them again.
    if (closing.signal.aborted || !place) return;
    const { tenantId, id: instanceId } = place;
    writing = writing
      .then(() => what(place))
      .catch((error: unknown) => log.error({ err: error, tenantId, instanceId }, 'an instance’s status was not kept'));
  }
  const driver = localDriver({
    ...{ dataDir, log },
    onChange: (key, change) => write(key, (place) => recordInstanceChange(services, place, change)),
    async consumeApproval(key, asked) {
      const place = here.get(key);
      if (!place) return 'The agent is being stopped.';
      return startApproved(services, { tenantId: place.tenantId, instanceId: place.id }, asked);
    },
    onUsage: (key, usage) => write(key, (place) => recordUsage(services, place, usage)),
  });

  async function fulfil(wanted: DesiredInstance) {
    const { id, tenantId, desiredState, revision, secret, model } = wanted;
    const key = instanceKey(tenantId, id);
    const running = here.get(key);
    if (desiredState === 'RUNNING') {
      if (running?.revision === revision) return;
      if (running) await driver.stop(key);
      if (closing.signal.aborted) return;
      here.set(key, { tenantId, id, revision });
      driver.start({ key, secret, model });
      return;
    }
    if (running && desiredState === 'STOPPED') await drained(wanted);
    if (closing.signal.aborted || (await isDesiredRunning(services, wanted))) return;
    await driver.stop(key);
    await writing;
    here.delete(key);
    if (desiredState === 'STOPPED') await recordInstanceChange(services, wanted, stopped);
    else {
      await driver.remove(key);
      await deleteInstanceRow(services, wanted);
    }
    log.info({ tenantId, instanceId: id, desiredState }, 'an instance is stopped');
  }

  /** Until what it is at has ended, or time is over, or it is wanted again. */
  async function drained(wanted: DesiredInstance) {
    const end = Date.now() + drain.mostMs;
    while (Date.now() < end && !closing.signal.aborted && (await isDraining(services, wanted))) {
      await sleep(drain.lookMs, undefined, { signal: closing.signal }).catch(() => {});
    }
  }

  function take(wanted: DesiredInstance) {
    const { id, tenantId } = wanted;
    const key = instanceKey(tenantId, id);
    if (busy.has(key)) {
      skipped.add(key);
      return;
    }
    const work = fulfil(wanted)
      .catch((error: unknown) => {
        log.error({ err: error, tenantId, instanceId: id }, 'what is wanted of an instance was not done; trying again');
        seen.delete(tenantId);
      })
      .then(() => {
        busy.delete(key);
        if (!skipped.delete(key)) return;
        seen.delete(tenantId);
        void look();
      });
    busy.set(key, work);
  }

  /** Deletes the folders of a removed tenant. A tenant that has just disappeared was removed on purpose. */
  async function endTenant(tenantId: string) {
    const isTheirs = (key: InstanceKey) => key.startsWith(`${tenantId}/`);
    // The next reconciliation ends them.
    if ([...busy.keys()].some(isTheirs)) return;
    for (const key of here.keys()) if (isTheirs(key)) here.delete(key);
    await driver.removeTenant(tenantId);
    tenants.delete(tenantId);
    log.info({ tenantId }, 'the instances of a removed tenant are stopped, and their folders deleted');
  }

  async function lookOnce() {
    const revisions = await readDesiredRevisions(services);
    for (const tenantId of tenants) if (!revisions.has(tenantId)) await endTenant(tenantId);
    for (const tenantId of revisions.keys()) tenants.add(tenantId);
    const all = looks++ % looksToAll === 0;
    const due = [...revisions].filter(([id, revision]) => all || seen.get(id) !== revision).map(([id]) => id);
    if (due.length === 0) return;
    const { wanted, failed } = await listDesired(services, due);
    seen = new Map([...revisions].filter(([id]) => !failed.includes(id)));
    for (const one of wanted) take(one);
  }

  let looking: Promise<void> | undefined;
  let isDue = false;
  /** Never two at once; what is asked for meanwhile is looked at afterwards. */
  function look(): Promise<void> {
    isDue = true;
    looking ??= (async () => {
      while (isDue && !closing.signal.aborted) {
        isDue = false;
        await lookOnce();
      }
    })()
      .catch((error: unknown) =>
        log.warn({ err: error }, 'what is wanted of instances was not looked up; trying again'),
      )
      .finally(() => (looking = undefined));
    return looking;
  }
  await look();
  const timer = setInterval(() => void look(), lookMs);
  return {
    look: () => void look(),
    async [Symbol.asyncDispose]() {
      closing.abort();
      clearInterval(timer);
      await looking;
      await driver.close();
      await Promise.all(busy.values());
      await writing;
    },
  };
}

const stopped = { status: 'STOPPED', reason: null, detail: null, bridgeUrl: null, model: null } as const;
