import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { modelEnv } from '@it0/contracts/model-env';
import type { Driver, DriverOptions } from './driver.ts';

import { type SuperviseOptions, supervise } from './local/supervise.ts';
import { createUsage } from './local/usage.ts';

export type LocalDriverOptions = DriverOptions &
  Pick<SuperviseOptions, 'env' | 'main' | 'crashes' | 'patience'> & { usageEveryMs?: number };

type Running = { stop: AbortController; stopped: Promise<void> };

/** Runs instances on this machine: a bridge each, as a child process, in `<dataDir>/instances/<id>`. */
export function createLocalDriver(driver: LocalDriverOptions): Driver {
  const { dataDir, onChange, onUsage, log, env, usageEveryMs = 5_000, ...options } = driver;
  const running = new Map<string, Running>();
  const folderOf = (id: string) => join(dataDir, 'instances', id);
  const stop = async (id: string) => {
    const one = running.get(id);
    one?.stop.abort();
    await one?.stopped;
    if (running.get(id) === one) running.delete(id);
  };
  const usageOf = createUsage();
  const measure = async () => {
    const ids = [...running.keys()];
    const roots = await Promise.all(ids.map((id) => rootsOf(folderOf(id))));
    for (const [index, usage] of (await usageOf(roots)).entries()) {
      if (usage.memoryBytes > 0) onUsage?.(ids[index]!, usage);
    }
  };
  const measuring =
    onUsage &&
    setInterval(() => {
      if (running.size > 0)
        void measure().catch((error: unknown) => log.debug({ err: error }, 'what instances take was not measured'));
    }, usageEveryMs);
  return {
    start({ id, secret, model }) {
      if (running.has(id)) return;
      const stop = new AbortController();
      const tell = onChange.bind(null, id);
      const how = { ...options, env: modelEnv(env, model), dir: folderOf(id), secret };
      const work = supervise({ ...how, onChange: tell, signal: stop.signal, log });
      const stopped = work.catch((error: unknown) => {
        log.error({ err: error, instanceId: id }, 'an instance cannot be run');
        tell({ status: 'ERROR', reason: 'AGENT_CANNOT_RUN', detail: null, bridgeUrl: null, model: null });
      });
      running.set(id, { stop, stopped });
    },
    stop,
    async remove(id) {
      await stop(id);
      await rm(folderOf(id), { recursive: true, force: true, maxRetries: 5 });
    },
    close: async () => {
      clearInterval(measuring);
      await Promise.all([...running.keys()].map(stop));
    },
  };
}

/** An instance's bridge, and its gateway: that one may be an earlier bridge's child. */
async function rootsOf(dir: string): Promise<number[]> {
  const read = (file: string) => readFile(join(dir, file), 'utf8').catch(() => '');
  const [bridge, gateway] = await Promise.all([read('bridge.pid'), read('gateway.json')]);
  return [Number(bridge), Number(/"pid":(\d+)/.exec(gateway)?.[1])].filter((pid) => pid > 0);
}
