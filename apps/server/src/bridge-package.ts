import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { BridgePackage } from '@it0/api/agent/bridge/compatibility';
import { z } from 'zod';

const dist = new URL('../../bridge/dist/', import.meta.url);
const Built = z.object({ version: z.string() });

/** The bridge for other hosts, as it was built; undefined where it was not, and then there is none to hand out. */
export function builtBridge(): BridgePackage | undefined {
  const made = new URL('bridge.json', dist);
  if (!existsSync(made)) return undefined;
  const { version } = Built.parse(JSON.parse(readFileSync(made, 'utf8')));
  return { version, path: `/bridge/${version}.tgz`, file: fileURLToPath(new URL('bridge.tgz', dist)) };
}
