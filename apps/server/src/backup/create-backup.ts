import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type AttachmentStore, attachmentKey } from '@it0/api/agent/attachment/store';
import { createKeys } from '@it0/api/keys';
import { type AttachmentContent, backUpDatabase } from '@it0/db/backup/backup';
import type { Database } from '@it0/db/database';
import { BACKUP, type BackupProgress, type Manifest } from './manifest.ts';

type Options = {
  db: Pick<Database, 'pool'>;
  attachments: AttachmentStore;
  /** The secret in use. */
  secret: string;
  /** Whether the backup contains the secret, because it is not stored anywhere else. */
  includeSecret: boolean;
  /** The folder to create the backup in. */
  dir: string;
  onProgress?: BackupProgress;
};

/** A finished backup. */
export type Backup = { path: string; manifest: Manifest; missing: AttachmentContent[] };

/**
 * Creates a backup of the database, the attachments and the secret in a new folder, while servers work. An attachment
 * that is removed meanwhile is `missing`.
 */
export async function createBackup(options: Options): Promise<Backup> {
  const { db, attachments, secret, includeSecret, dir, onProgress } = options;
  const createdAt = new Date().toISOString();
  const path = join(dir, `it0-${createdAt.replaceAll(/[:.]/g, '-')}`);
  const unfinished = `${path}.part`;
  await mkdir(unfinished, { recursive: true, mode: 0o700 });
  try {
    const database = await backUpDatabase(db.pool, join(unfinished, BACKUP.database), {
      onProgress: onProgress?.schemas,
    });
    const missing: AttachmentContent[] = [];
    for (const [index, attachment] of database.attachments.entries()) {
      onProgress?.attachments(index + 1, database.attachments.length);
      if (!(await copyAttachment(attachments, attachment, join(unfinished, BACKUP.attachments))))
        missing.push(attachment);
    }
    if (includeSecret) await writeFile(join(unfinished, BACKUP.secret), secret, { mode: 0o600, flush: true });
    const manifest: Manifest = { format: 1, createdAt, secretId: createKeys(secret).current.kid, database };
    await writeFile(join(unfinished, BACKUP.manifest), JSON.stringify(manifest), { mode: 0o600, flush: true });
    await rename(unfinished, path);
    return { path, manifest, missing };
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    throw error;
  }
}

/** Copies an attachment. Returns false when it has no content any more. Throws when its content is damaged. */
async function copyAttachment(store: AttachmentStore, { tenantId, id, sha256 }: AttachmentContent, dir: string) {
  const key = attachmentKey(tenantId, id);
  const content = await store.open(key);
  if (!content) return false;
  const file = join(dir, key);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const hash = createHash('sha256');
  const hashed = new PassThrough().on('data', (chunk: Buffer) => hash.update(chunk));
  await pipeline(content, hashed, createWriteStream(file, { mode: 0o600, flush: true }));
  if (hash.digest('hex') !== sha256) throw new Error(`The attachment ${key} is damaged; restore it, or remove it.`);
  return true;
}
