import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { removeInaccessible } from '@it0/api/agent/attachment/remove-inaccessible';
import type { Services } from '@it0/api/context';

const INTERVAL_MS = 60 * 60_000;
/** Age after which an incomplete upload is abandoned. */
const ABANDONED_MS = 24 * 60 * 60_000;

/** Starts the hourly cleanup of expired attachments, and of incomplete uploads that a killed server left behind. */
export function startAttachmentCleanup(services: Services, uploads: string) {
  const { log } = services;
  let running = Promise.resolve();
  const cleanUp = () => {
    running = Promise.all([removeInaccessible(services), removeAbandonedUploads(uploads)]).then(
      () => {},
      (error: unknown) => log.warn({ err: error }, 'attachment cleanup failed; retrying'),
    );
  };
  cleanUp();
  const timer = setInterval(cleanUp, INTERVAL_MS);
  return {
    async close() {
      clearInterval(timer);
      await running;
    },
  };
}

async function removeAbandonedUploads(dir: string) {
  for (const name of await readdir(dir).catch(() => [])) {
    const stats = await stat(join(dir, name)).catch(() => null);
    if (stats && Date.now() - stats.mtimeMs > ABANDONED_MS) await rm(join(dir, name), { force: true });
  }
}
