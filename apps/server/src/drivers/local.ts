import { join } from 'node:path';
import type { Driver, DriverOptions } from './driver.ts';
import { type SuperviseOptions, supervise } from './local/supervise.ts';

export type LocalDriverOptions = DriverOptions & Pick<SuperviseOptions, 'env' | 'main' | 'crashes'>;

/** Runs instances on this machine: a bridge each, as a child process, in `<dataDir>/instances/<id>`. */
export function createLocalDriver({ dataDir, onChange, log, ...options }: LocalDriverOptions): Driver {
  const running = new Map<string, { stop: AbortController; stopped: Promise<void> }>();
  const stop = async (id: string) => {
    running.get(id)?.stop.abort();
    await running.get(id)?.stopped;
    running.delete(id);
  };
  return {
    start({ id, secret }) {
      if (running.has(id)) return;
      const stop = new AbortController();
      const dir = join(dataDir, 'instances', id);
      const tell = onChange.bind(null, id);
      const work = supervise({ ...options, dir, secret, onChange: tell, signal: stop.signal, log });
      const stopped = work.catch((error: unknown) => {
        log.error({ err: error, instanceId: id }, 'an instance cannot be run');
        tell({ status: 'ERROR', detail: 'The agent cannot be run on this server.', bridgeUrl: null, model: null });
      });
      running.set(id, { stop, stopped });
    },
    stop: (id) => void stop(id),
    close: async () => {
      await Promise.all([...running.keys()].map(stop));
    },
  };
}
