import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toCompileCacheName } from '@it0/node/compile-cache-name';
import { readAgentEnvironment, readHostEnvironment } from '../env.ts';

const BUILD = fileURLToPath(new URL('../engines/openclaw/build-compile-cache.ts', import.meta.url));
/** The folder of the compile caches that the gateways of tests share. */
export const compileCacheDir = fileURLToPath(new URL('../../../../node_modules/.cache/gateways', import.meta.url));

/**
 * Returns the compile cache of this checkout's gateways. The first test that needs it builds it, and the tests of other
 * workers wait for that.
 */
export async function sharedCompileCache(): Promise<string> {
  const path = join(compileCacheDir, toCompileCacheName(fileURLToPath(import.meta.resolve('openclaw/cli-entry'))));
  if (!existsSync(path)) await once(spawn(process.execPath, [BUILD, path], { env: readAgentEnvironment() }), 'exit');
  return path;
}

/** Returns the environment of a bridge: that of an agent, with the compile cache of `npm test`. */
export function buildBridgeEnvironment(): Record<string, string> {
  const { NODE_COMPILE_CACHE } = readHostEnvironment();
  return { ...readAgentEnvironment(), ...(NODE_COMPILE_CACHE && { NODE_COMPILE_CACHE }) };
}
