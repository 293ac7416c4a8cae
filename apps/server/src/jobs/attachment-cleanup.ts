import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { sweepAttachments } from '@it0/api/agent/attachment/sweep';
import type { Services } from '@it0/api/context';

const everyMs = 60 * 60_000;
/** Nothing arrives for so long. */
const abandonedMs = 24 * 60 * 60_000;

/** Every hour, removes the attachments that are no use any more, and what a server that was killed had half received. */
export function startAttachmentCleanup(services: Services, uploads: string) {
  const { log } = services;
  let sweeping = Promise.resolve();
  const sweep = () => {
    sweeping = Promise.all([sweepAttachments(services), sweepUploads(uploads)]).then(
      () => {},
      (error: unknown) => log.warn({ err: error }, 'attachments were not swept; trying again'),
    );
  };
  sweep();
  const timer = setInterval(sweep, everyMs);
  return {
    async close() {
      clearInterval(timer);
      await sweeping;
    },
  };
}

async function sweepUploads(dir: string) {
  for (const name of await readdir(dir).catch(() => [])) {
    const found = await stat(join(dir, name)).catch(() => null);
    if (found && Date.now() - found.mtimeMs > abandonedMs) await rm(join(dir, name), { force: true });
  }
}
