import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { AttachmentStore } from '@it0/api/agent/attachment/store';

/** Creates a store in a folder. The folder must be on the same disk as received files, which are moved by renaming. */
export const createFolderStore = (dir: string): AttachmentStore => ({
  async put(key, file) {
    const target = join(dir, key);
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    await rename(file, target);
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
