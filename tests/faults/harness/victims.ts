import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cluster } from './cluster.ts';

/** A process that can be killed and started again. */
export type Victim = { kill(): Promise<void>; start(): Promise<void> };

/** How long a real gateway may take to its first word, on a busy machine. */
export const gatewayWithinMs = 240_000;

export const bridgeOf = ({ bridge }: Cluster): Victim => bridge;

/** The gateway. Its bridge starts a real one again by itself, and keeps in `gateway.json` which process it is. */
export const gatewayOf = ({ gateway, bridgeFolder }: Cluster): Victim =>
  gateway ?? {
    async kill() {
      const { pid } = JSON.parse(readFileSync(join(bridgeFolder, 'gateway.json'), 'utf8'));
      process.kill(pid, 'SIGKILL');
    },
    start: async () => {},
  };
