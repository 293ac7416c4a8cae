import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { every, type Loop } from '@it0/node/every';
import type { Logger } from 'pino';

const INTERVAL_MS = 60 * 60_000;
/** Age after which an incomplete upload is abandoned. */
const ABANDONED_MS = 24 * 60 * 60_000;

/**
 * Starts the hourly cleanup of incomplete uploads that a killed server left behind. Every server runs it, since uploads
 * are on its own disk.
 */
export function startUploadCleanup(uploads: string, log: Logger): Loop {
  const loop = every({
    ms: INTERVAL_MS,
    run: () => removeAbandonedUploads(uploads),
    onError: (error) => log.warn({ err: error }, 'abandoned uploads could not be removed; retrying'),
  });
  void loop.wake();
  return loop;
}

async function removeAbandonedUploads(dir: string) {
  for (const name of await readdir(dir).catch(() => [])) {
    const stats = await stat(join(dir, name)).catch(() => null);
    if (stats && Date.now() - stats.mtimeMs > ABANDONED_MS) await rm(join(dir, name), { force: true });
  }
}
