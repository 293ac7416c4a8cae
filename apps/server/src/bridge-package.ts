import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { BridgePackage } from '@it0/api/agent/bridge/compatibility';
import { z } from 'zod';

const dist = new URL('../../bridge/dist/', import.meta.url);
const Manifest = z.object({ version: z.string() });

/** Returns the built bridge package for other hosts; undefined when it was not built. */
export function findBridgePackage(): BridgePackage | undefined {
  const manifest = new URL('bridge.json', dist);
  if (!existsSync(manifest)) return undefined;
  const { version } = Manifest.parse(JSON.parse(readFileSync(manifest, 'utf8')));
  return { version, path: `/bridge/${version}.tgz`, file: fileURLToPath(new URL('bridge.tgz', dist)) };
}
