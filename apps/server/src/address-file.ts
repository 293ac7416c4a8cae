import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { isAlive } from '@it0/node/process';
import { z } from 'zod';

const AddressFile = z.object({ host: z.string(), pid: z.int(), origin: z.url() });

const toAddressFile = (dataDir: string) => join(dataDir, 'server.json');

/** Records the origin at which local bridges reach this server, so that `npm run doctor` can check it, until disposed. */
export function writeOrigin(dataDir: string, origin: string): Disposable {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const file = toAddressFile(dataDir);
  // Containers may have the same host name, process id and origin.
  const content = JSON.stringify({ host: hostname(), pid: process.pid, origin, id: randomUUID() });
  writeFileSync(file, content, { mode: 0o600 });
  return {
    [Symbol.dispose]() {
      // Two servers may share a data folder. The file then belongs to the one that started last.
      if (readIfExists(file) === content) rmSync(file, { force: true });
    },
  };
}

function readIfExists(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

/** Returns the origin of the server that runs on this machine with this data folder; null when there is none. */
export function findOrigin(dataDir: string): string | null {
  try {
    const { host, pid, origin } = AddressFile.parse(JSON.parse(readFileSync(toAddressFile(dataDir), 'utf8')));
    if (host === hostname() && isAlive(pid)) return origin;
  } catch {
    // The file is missing or incomplete, or the process has ended.
  }
  return null;
}
