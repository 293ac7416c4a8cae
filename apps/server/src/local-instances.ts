import { findRemoved, listLocalInstances, recordInstanceChange } from '@it0/api/agent/instance/local-instances';
import type { Services } from '@it0/api/context';
import type { Servers } from '@it0/db/servers';
import type { Driver, DriverOptions } from './drivers/driver.ts';

/** How soon it is noticed that a tenant was removed, in milliseconds. */
const lookMs = 2_000;

type LocalDriver = (options: DriverOptions) => Driver;

/**
 * Runs the instances that live beside this server for as long as it is the one to do so: of several servers on one
 * database one does, and another takes over when it is gone.
 */
export async function runInstances(services: Services, servers: Servers, dataDir: string, localDriver: LocalDriver) {
  let running: AsyncDisposable | undefined;
  let changing = Promise.resolve();
  let closed = false;
  const change = (leads: boolean) => {
    changing = changing
      .then(async () => {
        await running?.[Symbol.asyncDispose]();
        running = leads && !closed ? await startInstances(services, dataDir, localDriver) : undefined;
      })
      .catch((error: unknown) => services.log.error({ err: error }, 'the instances of this server cannot be run'));
  };
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

/** Starts the instances, keeps their rows true, and stops them when their tenant is gone. */
async function startInstances(services: Services, dataDir: string, localDriver: LocalDriver) {
  const { db, log } = services;
  const instances = await listLocalInstances(services);
  const tenants = new Map(instances.map(({ id, tenantId }) => [id, tenantId]));
  let writing = Promise.resolve();
  let closing = false;
  const driver = localDriver({
    dataDir,
    log,
    onChange(instanceId, change) {
      const tenantId = tenants.get(instanceId);
      // That they stop with the server is not for the record: the next one starts them again.
      if (closing || !tenantId) return;
      writing = writing
        .then(() => recordInstanceChange(db, tenantId, instanceId, change))
        .catch((error: unknown) =>
          log.error({ err: error, tenantId, instanceId }, 'an instance’s status was not kept'),
        );
    },
  });
  for (const { id, secret } of instances) driver.start({ id, secret });
  async function stopRemoved() {
    const removed = await findRemoved(db, [...new Set(tenants.values())]);
    for (const [instanceId, tenantId] of tenants) {
      if (!removed.includes(tenantId)) continue;
      tenants.delete(instanceId);
      driver.stop(instanceId);
      log.info({ tenantId, instanceId }, 'an instance stops, since its tenant was removed');
    }
  }
  const timer = setInterval(() => {
    if (tenants.size > 0)
      void stopRemoved().catch((error: unknown) => log.warn({ err: error }, 'tenants were not looked up'));
  }, lookMs);
  return {
    async [Symbol.asyncDispose]() {
      closing = true;
      clearInterval(timer);
      await driver.close();
      await writing;
    },
  };
}
