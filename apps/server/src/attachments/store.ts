import { join } from 'node:path';
import type { Env } from '../env.ts';
import { toS3Options } from '../env.ts';
import { createFolderStore } from './folder-store.ts';
import { createS3Store } from './s3-store.ts';

/** Creates the attachment store: the configured bucket, or a folder in the data folder. */
export function createAttachmentStore(env: Env) {
  const s3 = toS3Options(env);
  return s3 ? createS3Store(s3) : createFolderStore(join(env.IT0_DATA, 'attachments'));
}
