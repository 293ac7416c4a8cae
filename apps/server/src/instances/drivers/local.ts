import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type InstanceChange, NO_ADDRESS } from '@it0/api/agent/instance/instance-records';
import { every } from '@it0/node/every';
import { toModelEnv } from '@it0/node/model-env';
import { findSandbox } from '@it0/node/sandbox/find-sandbox';
import type { Sandbox } from '@it0/node/sandbox/sandbox';
import { type DriverOptions, type InstanceKey, type LocalDriver, toInstanceFolder, toTenantFolder } from './driver.ts';
import { readPid, toLogFile, toPidFile } from './local/bridge-process.ts';
import { createCompileCache } from './local/compile-cache.ts';
import { type SuperviseOptions, supervise } from './local/supervise.ts';
import { createUsageMeter } from './local/usage.ts';

export type LocalDriverOptions = DriverOptions &
  Pick<SuperviseOptions, 'env' | 'main' | 'crashLimit' | 'timeouts'> & {
    /** The sandbox of the bridges; by default the best one that this machine supports. */
    sandbox?: Sandbox | Promise<Sandbox>;
    /** Folder of the compile caches that gateways share. Without it, each has its own. */
    compileCacheDir?: string;
    /** Pause between two measurements of memory and CPU usage. */
    usageIntervalMs?: number;
  };

type Supervised = { stop: AbortController; stopped: Promise<void> };

/** Runs instances on this machine, each with a bridge as a child process in `<dataDir>/instances/<tenant>/<id>`. */
export function createLocalDriver(driver: LocalDriverOptions): LocalDriver {
  const { dataDir, onChange, onUsage, consumeApproval, log, env, usageIntervalMs = 5_000, ...rest } = driver;
  const { compileCacheDir, ...options } = rest;
  const isOpenClaw = (env.BRIDGE_ENGINE ?? 'openclaw') === 'openclaw';
  const compileCache = compileCacheDir && isOpenClaw ? createCompileCache({ dir: compileCacheDir, env, log }) : null;
  let { sandbox } = driver;
  const running = new Map<InstanceKey, Supervised>();
  const getFolder = (key: InstanceKey) => toInstanceFolder(dataDir, key);
  const stop = async (key: InstanceKey) => {
    const supervised = running.get(key);
    supervised?.stop.abort();
    await supervised?.stopped;
    if (running.get(key) === supervised) running.delete(key);
  };
  const remove = (...paths: string[]) =>
    Promise.all(paths.map((path) => rm(path, { recursive: true, force: true, maxRetries: 5 })));
  const measureUsage = createUsageMeter();
  const measure = async () => {
    if (running.size === 0) return;
    const keys = [...running.keys()];
    const roots = await Promise.all(keys.map((key) => readPid(getFolder(key))));
    for (const [index, usage] of (await measureUsage(roots)).entries()) {
      if (usage.memoryBytes > 0) onUsage?.(keys[index]!, usage);
    }
  };
  const measurements =
    onUsage &&
    every({
      ms: usageIntervalMs,
      run: measure,
      onError: (error) => log.debug({ err: error }, 'the usage of instances could not be measured'),
    });
  return {
    start({ key, secret, model }) {
      if (running.has(key)) return;
      const stop = new AbortController();
      const notify = (change: InstanceChange) => {
        onChange(key, change);
        // After the start of the first agent, which should not wait for it.
        if (change.status === 'RUNNING') compileCache?.build();
      };
      const superviseOptions = {
        ...options,
        ...{ env: toModelEnv(env, model), dir: getFolder(key), secret, compileCache: () => compileCache?.find() },
        consumeApproval: consumeApproval?.bind(null, key),
      };
      const run = async () => {
        sandbox ??= findSandbox({ probe: join(dataDir, 'sandbox') });
        const confinement = { sandbox: await sandbox, dataDir };
        await supervise({ ...superviseOptions, confinement, onChange: notify, signal: stop.signal, log });
      };
      const stopped = run().catch((error: unknown) => {
        log.error({ err: error, instance: key }, 'an instance cannot be run');
        notify({ ...NO_ADDRESS, status: 'ERROR', reason: 'AGENT_CANNOT_RUN', detail: null, model: null });
      });
      running.set(key, { stop, stopped });
    },
    stop,
    async remove(key) {
      await stop(key);
      const folder = getFolder(key);
      await remove(folder, toPidFile(folder), toLogFile(folder), `${toLogFile(folder)}.1`);
    },
    async removeTenant(tenantId) {
      const keys = [...running.keys()].filter((key) => key.startsWith(`${tenantId}/`));
      await Promise.all(keys.map(stop));
      await remove(toTenantFolder(dataDir, tenantId));
    },
    async [Symbol.asyncDispose]() {
      await measurements?.[Symbol.asyncDispose]();
      await compileCache?.[Symbol.asyncDispose]();
      await Promise.all([...running.keys()].map(stop));
    },
  };
}
