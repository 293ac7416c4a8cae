import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants, setPriority } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toCompileCacheName } from '@it0/node/compile-cache-name';
import type { Logger } from 'pino';

const BRIDGE = new URL('../../../../../bridge/', import.meta.url);
const BUILD = fileURLToPath(new URL('src/engines/openclaw/build-compile-cache.ts', BRIDGE));

/**
 * Manages the compiled code that the OpenClaw gateways of this machine share, in a folder of `dir`. It saves a third of
 * the processor time of a start. A separate run without an agent builds it, and gateways can only read it.
 */
export function createCompileCache({ dir, env, log }: { dir: string; env: Record<string, string>; log: Logger }) {
  const path = join(dir, toCompileCacheName(createRequire(BRIDGE).resolve('openclaw/cli-entry')));
  let building: ChildProcess | undefined;
  return {
    /** Returns the folder of compiled code; undefined until it is built. */
    find: () => (existsSync(path) ? path : undefined),
    /** Builds the folder if it is missing, with a low priority. A failed build is tried again by the next server. */
    build() {
      if (building || existsSync(path)) return;
      const { PATH = '', HOME = dir } = env;
      building = spawn(process.execPath, [BUILD, path], {
        env: { PATH, HOME },
        stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      });
      building.on('error', (error) => log.warn({ err: error }, 'the compile cache of gateways could not be built'));
      if (building.pid) setPriority(building.pid, constants.priority.PRIORITY_LOW);
    },
    async [Symbol.asyncDispose]() {
      if (!building?.connected) return;
      const exited = once(building, 'exit');
      building.disconnect();
      await exited;
    },
  };
}
