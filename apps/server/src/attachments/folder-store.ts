import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { AttachmentStore } from '@it0/api/agent/attachment/store';

/** Keeps attachments in a folder, which must be on the same disk as what it takes over. */
export const folderStore = (dir: string): AttachmentStore => ({
  async keep(key, file) {
    const kept = join(dir, key);
    await mkdir(dirname(kept), { recursive: true, mode: 0o700 });
    await rename(file, kept);
  },
  async open(key) {
    const content = createReadStream(join(dir, key));
    try {
      await once(content, 'open');
      return content;
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
      throw error;
    }
  },
  remove: (key) => rm(join(dir, key), { force: true }),
});
