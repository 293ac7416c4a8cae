import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cluster } from './cluster.ts';

/** A process that can be killed and restarted. */
export type Victim = { kill(): Promise<void>; start(): Promise<void> };

/** How long a real gateway may take until its first output, on a busy machine. */
export const GATEWAY_OUTPUT_MS = 240_000;

export const getBridge = ({ bridge }: Cluster): Victim => bridge;

/** Returns the gateway. A real one is restarted by its bridge, which stores its process id in `gateway.json`. */
export const getGateway = ({ gateway, bridgeFolder }: Cluster): Victim =>
  gateway ?? {
    async kill() {
      const { pid } = JSON.parse(readFileSync(join(bridgeFolder, 'gateway.json'), 'utf8'));
      process.kill(pid, 'SIGKILL');
    },
    start: async () => {},
  };
