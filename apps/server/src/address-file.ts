import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

const Kept = z.object({ host: z.string(), pid: z.int(), origin: z.url() });

const fileIn = (dataDir: string) => join(dataDir, 'server.json');

/** Writes down the origin that this server tells the bridges on its machine, for `npm run doctor` to try. */
export function keepOrigin(dataDir: string, origin: string): { close(): void } {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  writeFileSync(fileIn(dataDir), JSON.stringify({ host: hostname(), pid: process.pid, origin }), { mode: 0o600 });
  return {
    close() {
      // Two servers may have one data folder: the last one to start is the one that is tried.
      if (findOrigin(dataDir) === origin) rmSync(fileIn(dataDir), { force: true });
    },
  };
}

/** Returns the origin of a server that runs on this machine with this data folder; null when none does. */
export function findOrigin(dataDir: string): string | null {
  try {
    const { host, pid, origin } = Kept.parse(JSON.parse(readFileSync(fileIn(dataDir), 'utf8')));
    if (host === hostname() && process.kill(pid, 0)) return origin;
  } catch {
    // There is no file, half of one, or no such process.
  }
  return null;
}
