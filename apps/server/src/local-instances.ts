import { listLocalInstances, recordInstanceChange } from '@it0/api/agent/instance/local-instances';
import type { Services } from '@it0/api/context';
import type { Servers } from '@it0/db/servers';
import type { Driver, DriverOptions } from './drivers/driver.ts';

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

/** Starts the instances and keeps their rows true. */
async function startInstances({ db, keys, log }: Services, dataDir: string, localDriver: LocalDriver) {
  const instances = await listLocalInstances(db, keys);
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
  return {
    async [Symbol.asyncDispose]() {
      closing = true;
      await driver.close();
      await writing;
    },
  };
}
