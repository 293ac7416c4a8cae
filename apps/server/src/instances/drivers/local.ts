import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { toModelEnv } from '@it0/contracts/model-env';
import { findSandbox } from '@it0/node/sandbox/find-sandbox';
import type { Sandbox } from '@it0/node/sandbox/sandbox';
import { type Driver, type DriverOptions, type InstanceKey, instanceFolder, tenantFolder } from './driver.ts';
import { logFile, pidFile } from './local/bridge-process.ts';
import { type SuperviseOptions, supervise } from './local/supervise.ts';
import { createUsageMeter } from './local/usage.ts';

export type LocalDriverOptions = DriverOptions &
  Pick<SuperviseOptions, 'env' | 'main' | 'crashes' | 'patience'> & {
    /** The sandbox of the bridges; by default the best one that this machine supports. */
    sandbox?: Sandbox | Promise<Sandbox>;
    usageIntervalMs?: number;
  };

type Running = { stop: AbortController; stopped: Promise<void> };

/** Runs instances on this machine, each with a bridge as a child process in `<dataDir>/instances/<tenant>/<id>`. */
export function createLocalDriver(driver: LocalDriverOptions): Driver {
  const { dataDir, onChange, onUsage, consumeApproval, log, env, usageIntervalMs = 5_000, ...options } = driver;
  let { sandbox } = driver;
  const running = new Map<InstanceKey, Running>();
  const folderOf = (key: InstanceKey) => instanceFolder(dataDir, key);
  const stop = async (key: InstanceKey) => {
    const one = running.get(key);
    one?.stop.abort();
    await one?.stopped;
    if (running.get(key) === one) running.delete(key);
  };
  const remove = (...paths: string[]) =>
    Promise.all(paths.map((path) => rm(path, { recursive: true, force: true, maxRetries: 5 })));
  const usageOf = createUsageMeter();
  const measure = async () => {
    const keys = [...running.keys()];
    const roots = await Promise.all(keys.map((key) => readPid(folderOf(key))));
    for (const [index, usage] of (await usageOf(roots)).entries()) {
      if (usage.memoryBytes > 0) onUsage?.(keys[index]!, usage);
    }
  };
  const measuring =
    onUsage &&
    setInterval(() => {
      if (running.size > 0)
        void measure().catch((error: unknown) => log.debug({ err: error }, 'what instances take was not measured'));
    }, usageIntervalMs);
  return {
    start({ key, secret, model }) {
      if (running.has(key)) return;
      const stop = new AbortController();
      const tell = onChange.bind(null, key);
      const how = {
        ...options,
        ...{ env: toModelEnv(env, model), dir: folderOf(key), secret },
        consumeApproval: consumeApproval?.bind(null, key),
      };
      const run = async () => {
        sandbox ??= findSandbox({ probe: join(dataDir, 'sandbox') });
        const confinement = { sandbox: await sandbox, dataDir };
        await supervise({ ...how, confinement, onChange: tell, signal: stop.signal, log });
      };
      const stopped = run().catch((error: unknown) => {
        log.error({ err: error, instance: key }, 'an instance cannot be run');
        tell({ status: 'ERROR', reason: 'AGENT_CANNOT_RUN', detail: null, bridgeUrl: null, model: null });
      });
      running.set(key, { stop, stopped });
    },
    stop,
    async remove(key) {
      await stop(key);
      const folder = folderOf(key);
      await remove(folder, pidFile(folder), logFile(folder), `${logFile(folder)}.1`);
    },
    async removeTenant(tenantId) {
      const theirs = [...running.keys()].filter((key) => key.startsWith(`${tenantId}/`));
      await Promise.all(theirs.map(stop));
      await remove(tenantFolder(dataDir, tenantId));
    },
    close: async () => {
      clearInterval(measuring);
      await Promise.all([...running.keys()].map(stop));
    },
  };
}

/** Reads the process id outside the sandbox of an instance's first process. */
const readPid = async (dir: string) => Number(await readFile(pidFile(dir), 'utf8').catch(() => ''));
