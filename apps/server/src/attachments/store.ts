import { join } from 'node:path';
import type { Env } from '../env.ts';
import { s3Of } from '../env.ts';
import { folderStore } from './folder-store.ts';
import { s3Store } from './s3-store.ts';

/** Where attachments are kept: in a bucket, if there is one, else in the data folder. */
export function attachmentStore(env: Env) {
  const s3 = s3Of(env);
  return s3 ? s3Store(s3) : folderStore(join(env.IT0_DATA, 'attachments'));
}
