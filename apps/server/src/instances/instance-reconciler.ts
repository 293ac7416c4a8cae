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
import { delay } from '@it0/node/delay';
import { every } from '@it0/node/every';
import { decideAction } from './decide-action.ts';
import { type DriverOptions, type InstanceKey, type LocalDriver, toInstanceKey } from './drivers/driver.ts';

/** Interval at which changes made through other servers, and removed tenants, are noticed. */
const RECONCILE_MS = 2_000;
/** Every nth pass also covers tenants without a change of desired state. */
const FULL_PASS_EVERY = 30;
/** Maximum time that a stop waits for running tasks to end, and the polling interval. */
const DRAIN = { maxMs: 20_000, pollMs: 250 };

const STOPPED_CHANGE = { ...NO_ADDRESS, status: 'STOPPED', reason: null, detail: null, model: null } as const;

export type CreateLocalDriver = (options: DriverOptions) => LocalDriver;
type InstanceRef = { tenantId: string; id: string };

const toKey = ({ tenantId, id }: InstanceRef) => toInstanceKey(tenantId, id);
const toLogFields = ({ tenantId, id }: InstanceRef) => ({ tenantId, instanceId: id });

/**
 * Brings instances to their desired state, records their status, and stops them when their tenant is removed.
 *
 * A pass reads the revision of each tenant, lists the instances of those where it changed, and starts `#reconcile` for
 * each. Instances do not wait for each other. What fails, or may have changed meanwhile, forgets its tenant's revision,
 * so that the next pass lists it again.
 */
export class InstanceReconciler implements AsyncDisposable {
  readonly #services: Services;
  readonly #driver: LocalDriver;
  /** Instances that were started here, with the revision of their desired state. */
  readonly #started = new Map<InstanceKey, InstanceRef & { revision: number }>();
  /** Reconciliations in progress. */
  readonly #inProgress = new Map<InstanceKey, Promise<void>>();
  /** Instances whose desired state may have changed during their reconciliation. */
  readonly #stale = new Set<InstanceKey>();
  /** Tenants of all previous passes. */
  readonly #tenants = new Set<string>();
  /** Latest reconciled revision of each tenant. */
  #reconciled = new Map<string, number>();
  #passes = 0;
  #writes = Promise.resolve();
  readonly #closing = new AbortController();
  readonly #passLoop = every({
    ms: RECONCILE_MS,
    run: () => this.#runPass(),
    onError: (error) =>
      this.#services.log.warn({ err: error }, 'the desired state of instances could not be read; retrying'),
  });

  constructor(services: Services, dataDir: string, localDriver: CreateLocalDriver) {
    this.#services = services;
    this.#driver = localDriver({
      dataDir,
      log: services.log,
      onChange: (key, change) => this.#enqueueWrite(key, (ref) => recordInstanceChange(services, ref, change)),
      onUsage: (key, usage) => this.#enqueueWrite(key, (ref) => recordUsage(services, ref, usage)),
      consumeApproval: async (key, request) => {
        const ref = this.#started.get(key);
        if (!ref) return 'The agent is being stopped.';
        return startApproved(services.db, { tenantId: ref.tenantId, instanceId: ref.id }, request);
      },
    });
  }

  /** Starts a pass. Passes do not overlap: a call during one causes another afterwards. Resolves after that pass. */
  reconcileNow(): Promise<void> {
    return this.#passLoop.wake();
  }

  async [Symbol.asyncDispose]() {
    this.#closing.abort();
    await this.#passLoop[Symbol.asyncDispose]();
    await this.#driver[Symbol.asyncDispose]();
    await Promise.all(this.#inProgress.values());
    await this.#writes;
  }

  /** Reconciles all instances of the tenants whose desired state has changed. */
  async #runPass() {
    const revisions = await readDesiredRevisions(this.#services);
    for (const tenantId of this.#tenants) if (!revisions.has(tenantId)) await this.#removeTenant(tenantId);
    for (const tenantId of revisions.keys()) this.#tenants.add(tenantId);
    const isFullPass = this.#passes++ % FULL_PASS_EVERY === 0;
    const due = [...revisions]
      .filter(([id, revision]) => isFullPass || this.#reconciled.get(id) !== revision)
      .map(([id]) => id);
    if (due.length === 0) return;
    const { desired, failed } = await listDesired(this.#services, due);
    this.#reconciled = new Map([...revisions].filter(([id]) => !failed.includes(id)));
    for (const instance of desired) this.#enqueue(instance);
  }

  /** Starts a reconciliation, or repeats the one in progress afterwards. */
  #enqueue(desired: DesiredInstance) {
    const key = toKey(desired);
    if (this.#inProgress.has(key)) {
      this.#stale.add(key);
      return;
    }
    const work = this.#reconcile(desired)
      .catch((error: unknown) => {
        const fields = { err: error, ...toLogFields(desired) };
        this.#services.log.error(fields, 'an instance could not be reconciled; retrying');
        this.#reconciled.delete(desired.tenantId);
      })
      .then(() => {
        this.#inProgress.delete(key);
        if (!this.#stale.delete(key)) return;
        this.#reconciled.delete(desired.tenantId);
        void this.reconcileNow();
      });
    this.#inProgress.set(key, work);
  }

  async #reconcile(desired: DesiredInstance) {
    const key = toKey(desired);
    switch (decideAction(desired, this.#started.get(key))) {
      case 'none':
        return;
      case 'start':
        return this.#start(desired);
      case 'restart':
        await this.#driver.stop(key);
        return this.#start(desired);
      case 'drain':
        await this.#waitForDrain(desired);
        return this.#stop(desired);
      case 'stop':
      case 'remove':
        return this.#stop(desired);
    }
  }

  #start({ tenantId, id, revision, secret, model }: DesiredInstance) {
    if (this.#closing.signal.aborted) return;
    const key = toInstanceKey(tenantId, id);
    this.#started.set(key, { tenantId, id, revision });
    this.#driver.start({ key, secret, model });
  }

  /** Waits until the running tasks of an instance have ended, it should run again, or the time is over. */
  async #waitForDrain(desired: DesiredInstance) {
    const { signal } = this.#closing;
    const end = Date.now() + DRAIN.maxMs;
    while (Date.now() < end && !signal.aborted && (await isDraining(this.#services, desired))) {
      await delay(DRAIN.pollMs, signal);
    }
  }

  /** Stops an instance, and removes it if that is desired. Does nothing if it should run again. */
  async #stop(desired: DesiredInstance) {
    const key = toKey(desired);
    if (this.#closing.signal.aborted || (await isDesiredRunning(this.#services, desired))) return;
    await this.#driver.stop(key);
    await this.#writes;
    this.#started.delete(key);
    if (desired.desiredState === 'STOPPED') await recordInstanceChange(this.#services, desired, STOPPED_CHANGE);
    else {
      await this.#driver.remove(key);
      await deleteInstanceRow(this.#services, desired);
    }
    const fields = { ...toLogFields(desired), desiredState: desired.desiredState };
    this.#services.log.info(fields, 'an instance was stopped');
  }

  /**
   * Stops the instances of a removed tenant and deletes their folders. Only a tenant of a previous pass can disappear.
   */
  async #removeTenant(tenantId: string) {
    const isOfTenant = (key: InstanceKey) => key.startsWith(`${tenantId}/`);
    // The next pass tries again, when no reconciliation is in progress.
    if ([...this.#inProgress.keys()].some(isOfTenant)) return;
    for (const key of this.#started.keys()) if (isOfTenant(key)) this.#started.delete(key);
    await this.#driver.removeTenant(tenantId);
    this.#tenants.delete(tenantId);
    this.#services.log.info({ tenantId }, 'the instances of a removed tenant were stopped and their folders deleted');
  }

  /** Queues a write, so that changes are recorded in order. */
  #enqueueWrite(key: InstanceKey, write: (ref: InstanceRef) => Promise<void>) {
    const ref = this.#started.get(key);
    // A stop with the server is not recorded, since the next leader starts the instances again.
    if (this.#closing.signal.aborted || !ref) return;
    this.#writes = this.#writes
      .then(() => write(ref))
      .catch((error: unknown) => {
        const fields = { err: error, ...toLogFields(ref) };
        this.#services.log.error(fields, 'the status of an instance could not be recorded');
      });
  }
}
